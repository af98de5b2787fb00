import Foundation
import Glibc

/// How a node hears of its supervisor, and notices that it is gone, even if it was killed: that alone holds the writing end of a pipe whose
/// reading end is the node's standard input. The kernel closes a dead process's files, so the node reads the end.
final class Lifeline: Sendable {
    /// What the node is started with as standard input.
    let readEnd: Int32
    private let writeEnd: Int32

    init() throws(CommandError) {
        // A node that inherited the writing end would keep another one alive.
        let ends = try PipeEnds()
        (readEnd, writeEnd) = (ends.reading, ends.writing)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// Says a line to the node. One that does not read, for as long as the kernel keeps what it is told, misses it: it hangs.
    func say(_ line: String) {
        let octets = Array((line + "\n").utf8)
        _ = octets.withUnsafeBytes {
            send(writeEnd, $0.baseAddress, $0.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL))
        }
    }

    /// The lines that come from the other end of the pipe, until that is closed or the task is cancelled.
    static func lines(of descriptor: Int32) -> AsyncStream<String> {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let thread = Thread {
            var splitter = LogLines(lineByteCountMax: 1 << 20)
            var chunk = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = read(descriptor, &chunk, chunk.count)
                if count > 0 {
                    for line in splitter.lines(with: chunk[..<count]) { continuation.yield(line) }
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            continuation.finish()
        }
        thread.stackSize = 256 << 10
        thread.start()
        return lines
    }
}
