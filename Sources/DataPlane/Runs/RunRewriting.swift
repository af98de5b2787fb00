package import NIOCore
import Transports
import Wire

/// Runs that are written anew, where a pattern adds a frame to every message, or wants some of them only.
extension ByteBuffer {
    /// The run with a first frame put before each of its messages (RFC 28 "ROUTER": the identity of the peer).
    ///
    /// - Parameters:
    ///   - frame: a frame with its header, of which MORE is set.
    ///   - messageCount: how many messages the run has.
    /// - Returns: the new run, in storage of its own.
    package func prepending(_ frame: [UInt8], messageCount: Int) -> ByteBuffer {
        var result = ByteBuffer()
        let byteCount = readableBytes + messageCount * frame.count
        _ = result.writeWithUnsafeMutableBytes(minimumWritableBytes: byteCount) { target in
            if let start = target.baseAddress { write(to: start, prepending: frame) }
            return byteCount
        }
        return result
    }

    /// The same, into memory that has room for it.
    func write(to target: UnsafeMutableRawPointer, prepending frame: [UInt8]) {
        withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            var end = 0
            while walker.next() {
                frame.withUnsafeBytes {
                    target.advanced(by: end)
                        .copyMemory(from: $0.baseAddress.unsafelyUnwrapped, byteCount: $0.count)
                }
                end += frame.count
                let count = walker.end - walker.start
                target.advanced(by: end).copyMemory(
                    from: bytes.baseAddress.unsafelyUnwrapped.advanced(by: walker.start),
                    byteCount: count
                )
                end += count
            }
        }
    }

    /// The last message of the run.
    package var newestMessage: ByteBuffer {
        let start = withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {}
            return walker.start
        }
        return slice(start..<readableBytes)
    }

    /// The messages of the run that have one frame, and how many had more. Most often all have one, and the run is given as it is.
    package func singleFrameMessages(of messageCount: Int) -> (run: ByteBuffer, droppedCount: Int) {
        withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            var singles: ByteBuffer?
            var droppedCount = 0
            while walker.next() {
                let isSingle = bytes[walker.start] & FrameHeader.more == 0
                if !isSingle {
                    if singles == nil {
                        singles = ByteBuffer(
                            bytes: UnsafeRawBufferPointer(rebasing: bytes[..<walker.start])
                        )
                    }
                    droppedCount += 1
                } else {
                    singles?.writeBytes(
                        UnsafeRawBufferPointer(rebasing: bytes[walker.start..<walker.end])
                    )
                }
            }
            return (singles ?? self, droppedCount)
        }
    }
}
