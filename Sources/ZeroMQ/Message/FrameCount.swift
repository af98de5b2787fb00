import NIOCore
import Wire

extension ByteBuffer {
    /// Whether a message, in its encoded form, has exactly that many frames.
    func hasFrames(_ count: Int) -> Bool {
        withUnsafeReadableBytes { bytes in
            var offset = 0
            for left in stride(from: count, to: 0, by: -1) {
                guard offset < bytes.count else { return false }
                let header = FrameHeader(at: offset, in: bytes)
                guard header.hasMore == (left > 1) else { return false }
                offset += header.byteCount + header.bodyByteCount
            }
            return offset == bytes.count
        }
    }
}
