package import NIOCore

extension ByteBuffer {
    /// The octets `range` of the readable ones, sharing storage; the caller knows that they are there.
    package func slice(_ range: Range<Int>) -> ByteBuffer {
        guard let slice = getSlice(at: readerIndex + range.lowerBound, length: range.count) else {
            preconditionFailure("range \(range) is outside of \(readableBytes) octets")
        }
        return slice
    }

    /// A copy in storage of just its size.
    package init(buffer: ByteBuffer, trimmed: Void) {
        self.init()
        reserveCapacity(buffer.readableBytes)
        writeImmutableBuffer(buffer)
    }
}
