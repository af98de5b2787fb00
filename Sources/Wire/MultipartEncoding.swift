/// Any number of frames as one piece of octets (RFC 50 "MME", what CZMQ's `zmsg_encode` writes).
///
///     up to 254 octets   │ length, 1 octet │ octets │
///     255 and more       │ FF │ length, 4 octets, high one first │ octets │
///
/// No frame at all is no octet at all. Nothing says where the last frame is: the octets end with it.
public enum MultipartEncoding {
    /// What cannot be encoded or decoded.
    public enum Failure: Error, Equatable, Sendable {
        /// The frame has more octets than 32 bits can say.
        case frameTooLong(byteCount: Int)
        /// A length is cut short, or says more than is there; `offset` is where that frame begins.
        case cutShort(offset: Int)
    }

    /// The octets that go before a frame of that size.
    public static func header(frameByteCount: Int) throws(Failure) -> [UInt8] {
        guard frameByteCount > 254 else { return [UInt8(frameByteCount)] }
        guard let byteCount = UInt32(exactly: frameByteCount) else {
            throw .frameTooLong(byteCount: frameByteCount)
        }
        var header: [UInt8] = [long]
        BigEndian.append(byteCount, to: &header)
        return header
    }

    /// Where the frames lie. The long form is read for short frames, too, as RFC 50 allows.
    public static func frames(
        in octets: UnsafeRawBufferPointer
    ) throws(Failure) -> [Range<Int>] {
        var frames: [Range<Int>] = []
        var offset = 0
        while offset < octets.count {
            let isLong = octets[offset] == long
            let start = offset + (isLong ? 5 : 1)
            guard start <= octets.count else { throw .cutShort(offset: offset) }
            let byteCount =
                isLong
                ? Int(BigEndian.loadUInt32(octets, at: offset + 1)) : Int(octets[offset])
            guard byteCount <= octets.count - start else { throw .cutShort(offset: offset) }
            frames.append(start..<start + byteCount)
            offset = start + byteCount
        }
        return frames
    }

    private static let long: UInt8 = 0xFF
}
