import Wire

/// Octets that are not framed (`ZMQ_STREAM`): what one read brings becomes one frame.
public struct RawDecoder: FrameDecoder {
    public init() {}

    public func byteCountMax(decoding octetCount: Int) -> Int {
        FrameHeader.byteCountMax + octetCount
    }

    public mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard !octets.isEmpty else { return 0 }
        var header: [UInt8] = []
        FrameHeader.appendHeader(bodyByteCount: octets.count, to: &header)
        frames.copyBytes(from: header)
        UnsafeMutableRawBufferPointer(rebasing: frames[header.count...]).copyMemory(from: octets)
        return header.count + octets.count
    }
}

/// The bodies of frames, one after the other; commands, which only ZMTP has, are left out.
public struct RawEncoder: FrameEncoder {
    public init() {}

    public func byteCountMax(encoding frameByteCount: Int) -> Int { frameByteCount }

    public mutating func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        var offset = 0
        var byteCount = 0
        while offset < frames.count {
            let header = FrameHeader(at: offset, in: frames)
            let start = offset + header.byteCount
            offset = start + header.bodyByteCount
            guard !header.isCommand else { continue }
            UnsafeMutableRawBufferPointer(rebasing: octets[byteCount...])
                .copyMemory(from: UnsafeRawBufferPointer(rebasing: frames[start..<offset]))
            byteCount += header.bodyByteCount
        }
        return byteCount
    }
}
