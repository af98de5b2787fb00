import Foundation
import Glibc
import SocketTestSupport
import Synchronization

@testable import xylem

/// The `xylem` of this build, or a program that runs it; killed when it is let go.
final class RunningCommand: Sendable {
    private struct State {
        var output: [String] = []
        var diagnostics: [String] = []
        var end: ProcessEnd?
    }

    private let process: ChildProcess
    private let state: Mutex<State>

    convenience init(_ arguments: [String]) throws {
        try self.init(program: Self.executable, ["xylem"] + arguments)
    }

    /// The first argument is the program's name.
    init(program: String, _ arguments: [String]) throws {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        let process = try ChildProcess(
            program,
            arguments: arguments,
            standardInput: null,
            // A fleet of hundreds of nodes is one line.
            lineByteCountMax: 1 << 20
        )
        self.process = process
        state = Mutex(State())
        Task { [weak self] in
            for await event in process.events { self?.handle(event) }
        }
    }

    deinit {
        process.send(SIGKILL)
    }

    var pid: Int { Int(process.pid) }
    var output: [String] { state.withLock { $0.output } }
    var diagnostics: String { state.withLock { $0.diagnostics.joined(separator: "\n") } }

    func send(_ signal: Int32) { process.send(signal) }

    /// How it ended.
    func end(_ limit: Duration = .seconds(60)) async throws -> ProcessEnd {
        try await eventually("end of xylem", limit) { self.state.withLock { $0.end != nil } }
        return state.withLock { $0.end } ?? .exited(code: -1)
    }

    /// The first line of standard output that `decode` takes.
    func firstLine<Value: Sendable>(
        _ awaited: String,
        within limit: Duration = .seconds(60),
        _ decode: @escaping @Sendable (Data) -> Value?
    ) async throws -> Value {
        try await SocketTestSupport.within(awaited, limit) {
            while true {
                for line in self.output {
                    if let value = decode(Data(line.utf8)) { return value }
                }
                if let end = self.state.withLock({ $0.end }) {
                    throw EarlyEnd(end: end, diagnostics: self.diagnostics)
                }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    struct EarlyEnd: Error {
        var end: ProcessEnd
        var diagnostics: String
    }

    private func handle(_ event: ChildProcess.Event) {
        state.withLock { state in
            switch event {
            case .output(let line): state.output.append(line)
            case .diagnostics(let line): state.diagnostics.append(line)
            case .ended(let end): state.end = end
            }
        }
    }

    /// Beside the test bundle.
    static let executable =
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "xylem").path
}
