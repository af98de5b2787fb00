import Synchronization

/// Standard output for several tasks, each of which hands over whole lines.
final class StandardOutput: Sendable {
    /// What went wrong first.
    private let problem = Mutex<String?>(nil)

    /// Why not everything could be written; `nil` = it could.
    var failure: CommandError? { problem.withLock { $0 }.map { .failure($0) } }

    /// Writes everything and empties the buffer. `false` when that cannot be: nobody reads any more, or there is no room.
    func write(_ buffer: inout [UInt8]) -> Bool {
        defer { buffer.removeAll(keepingCapacity: true) }
        return problem.withLock { problem in
            guard problem == nil else { return false }
            do throws(SystemError) {
                try Output.write(buffer)
                return true
            } catch {
                problem = Output.problem(error)
                return false
            }
        }
    }
}
