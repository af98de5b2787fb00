import Wire

/// The framings of ZMTP, and what can be told of the oldest.
enum ZMTPSearch {
    enum Format { case v1, v2 }

    /// The whole frames of ZMTP 1.0 at the beginning; `nil` when there is something else.
    static func oldChain(
        _ bytes: UnsafeRawBufferPointer
    ) -> (frameCount: Int, endsExactly: Bool)? {
        var offset = 0
        var frameCount = 0
        while offset < bytes.count {
            let isLong = bytes[offset] == 0xFF
            let flagsOffset = offset + (isLong ? 9 : 1)
            guard flagsOffset < bytes.count else { return (frameCount, false) }
            let length =
                isLong ? BigEndian.loadUInt64(bytes, at: offset + 1) : UInt64(bytes[offset])
            guard length >= 1, length < 1 << 40, bytes[flagsOffset] <= 1 else { return nil }
            guard Int(length) <= bytes.count - flagsOffset else { return (frameCount, false) }
            offset = flagsOffset + Int(length)
            frameCount += 1
        }
        return (frameCount, true)
    }
}
