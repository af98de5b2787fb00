import Foundation
import Synchronization

/// The child process that is the other end: this program again, as `bench peer …`.
///
/// Its standard input is a pipe from us, so that it ends with us however we end.
final class BenchPeer: Sendable {
    private let process: Mutex<Process>
    private let isStopped = Atomic(false)

    private init(_ process: sending Process) {
        self.process = Mutex(process)
    }

    /// `onExit` is called when it ends before `stop`: what waits for its messages must not wait for ever.
    static func start(
        _ arguments: [String],
        onExit: @escaping @Sendable () async -> Void
    ) throws -> BenchPeer {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["bench", "peer"] + arguments
        process.standardInput = Pipe()
        let peer = BenchPeer(process)
        try peer.process.withLock { process in
            process.terminationHandler = { [weak peer] _ in
                guard let peer, !peer.isStopped.load(ordering: .acquiring) else { return }
                Task { await onExit() }
            }
            try process.run()
        }
        return peer
    }

    /// It has done its part.
    func stop() {
        isStopped.store(true, ordering: .releasing)
        process.withLock { process in
            process.terminate()
            process.waitUntilExit()
        }
    }
}
