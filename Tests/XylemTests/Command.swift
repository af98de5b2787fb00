import Foundation
import Glibc
import SocketTestSupport
import Synchronization

@testable import xylem

/// A running `xylem` of this build.
final class Command: Sendable {
    private struct State {
        var output = ""
        var diagnostics = ""
        var end: ProcessEnd?
    }

    private let process: ChildProcess
    private let state = Mutex(State())

    /// `input` is the file that is its standard input; arguments come without the command's name.
    convenience init(input: String = "/dev/null", _ arguments: String...) throws {
        try self.init(input: input, arguments)
    }

    convenience init(input: String = "/dev/null", _ arguments: [String]) throws {
        try self.init(input: input, running: [Self.executable] + arguments)
    }

    /// `words` run a `xylem` at some other place, by its path.
    init(input: String = "/dev/null", running words: [String]) throws {
        let null = open(input, O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let process = try ChildProcess(
            words[0],
            arguments: words,
            standardInput: null
        )
        self.process = process
        Task { [weak self] in
            for await event in process.events { self?.handle(event) }
        }
    }

    deinit {
        process.send(SIGKILL)
    }

    var output: String { state.withLock { $0.output } }
    var diagnostics: String { state.withLock { $0.diagnostics } }

    func interrupt() {
        process.send(SIGINT)
    }

    /// The exit code, once it has ended and everything it printed is here; -1 if it never ends or was killed.
    func end() async -> Int32 {
        try? await eventually("end of xylem") { self.state.withLock { $0.end != nil } }
        guard case .exited(let code) = state.withLock({ $0.end }) else { return -1 }
        return code
    }

    func waitForDiagnostics(_ text: String) async throws {
        try await eventually(text) { self.diagnostics.contains(text) }
    }

    private func handle(_ event: ChildProcess.Event) {
        state.withLock { state in
            switch event {
            case .output(let line): state.output += line + "\n"
            case .diagnostics(let line): state.diagnostics += line + "\n"
            case .ended(let end): state.end = end
            }
        }
    }

    /// Beside the test bundle.
    static let executable =
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "xylem").path
}
