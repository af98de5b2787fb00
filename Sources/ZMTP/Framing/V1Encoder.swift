import Wire

/// Frames of ZMTP 3 become frames of ZMTP 1.0 (RFC 13 "The Framing Layer"). Commands, which it does not have, are left out.
struct V1Encoder: FrameEncoder {
    func byteCountMax(encoding frameByteCount: Int) -> Int {
        // A body of 254 octets is the shortest that takes eight octets more.
        frameByteCount + 8 * (frameByteCount / 256 + 1)
    }

    mutating func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        var byteCount = 0
        var walker = FrameWalker(frames)
        while walker.next() {
            guard walker.flags & FrameHeader.command == 0 else { continue }
            let length = walker.body.count + 1
            if length < 0xFF {
                octets[byteCount] = UInt8(length)
                byteCount += 1
            } else {
                octets[byteCount] = 0xFF
                BigEndian.store(UInt64(length), in: octets, at: byteCount + 1)
                byteCount += 9
            }
            octets[byteCount] = walker.flags & FrameHeader.more
            byteCount += 1
            UnsafeMutableRawBufferPointer(rebasing: octets[byteCount...]).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: frames[walker.body])
            )
            byteCount += walker.body.count
        }
        return byteCount
    }
}
