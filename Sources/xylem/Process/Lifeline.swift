import Foundation
import Glibc

/// How nodes notice that their supervisor is gone, even if it was killed: it alone holds the writing end of a pipe whose
/// reading end is every node's standard input. The kernel closes a dead process's files, so the nodes read the end.
final class Lifeline: Sendable {
    /// What nodes are started with as standard input.
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(CommandError) {
        // A node that inherited the writing end would keep all others alive.
        let ends = try PipeEnds()
        (readEnd, writeEnd) = (ends.reading, ends.writing)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Returns when the other end of the pipe is closed, or when the task is cancelled.
    static func end(of descriptor: Int32) async {
        let (closings, continuation) = AsyncStream.makeStream(of: Void.self)
        let thread = Thread {
            var byte: UInt8 = 0
            var count = 0
            repeat {
                count = read(descriptor, &byte, 1)
            } while count > 0 || count < 0 && errno == EINTR
            continuation.finish()
        }
        thread.stackSize = 128 << 10
        thread.start()
        for await _ in closings {}
    }
}
