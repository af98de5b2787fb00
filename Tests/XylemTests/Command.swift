import Foundation
import SocketTestSupport
import Synchronization

/// A running `xylem` of this build.
final class Command: Sendable {
    private struct State {
        var output = ""
        var diagnostics = ""
        var openPipes = 2
    }

    private let process: Mutex<Process>
    private let state = Mutex(State())

    init(_ arguments: String...) throws {
        process = Mutex(Process())
        try process.withLock { process in
            process.executableURL = Self.executable
            process.arguments = arguments
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = collect(\.output)
            process.standardError = collect(\.diagnostics)
            try process.run()
        }
    }

    deinit {
        process.withLock { if $0.isRunning { kill($0.processIdentifier, SIGKILL) } }
    }

    var output: String { state.withLock { $0.output } }
    var diagnostics: String { state.withLock { $0.diagnostics } }

    func interrupt() {
        process.withLock { $0.interrupt() }
    }

    /// The exit code, once it has ended and everything it printed is here; -1 if it never ends.
    func end() async -> Int32 {
        do {
            try await eventually("end of xylem") {
                self.state.withLock { $0.openPipes == 0 }
                    && self.process.withLock { !$0.isRunning }
            }
        } catch {
            return -1
        }
        return process.withLock { $0.terminationStatus }
    }

    func waitForDiagnostics(_ text: String) async throws {
        try await eventually(text) { self.diagnostics.contains(text) }
    }

    private func collect(_ stream: any WritableKeyPath<State, String> & Sendable) -> Pipe {
        let pipe = Pipe()
        pipe.fileHandleForReading.readabilityHandler = { [weak self] handle in
            let data = handle.availableData
            if data.isEmpty { handle.readabilityHandler = nil }
            self?.state.withLock { state in
                state[keyPath: stream] += String(decoding: data, as: UTF8.self)
                if data.isEmpty { state.openPipes -= 1 }
            }
        }
        return pipe
    }

    /// Beside the test bundle.
    private static var executable: URL {
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: "xylem")
    }
}
