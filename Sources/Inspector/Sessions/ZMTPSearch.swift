import Wire

/// Finds where frames begin in a stream whose beginning is not known: captured from the middle, or after a gap.
///
/// A place counts when from there on frame follows frame to the end of what is there. Random octets pass for a frame once in
/// forty places, so several have to follow each other; what only frames look like weighs more.
enum ZMTPSearch {
    enum Format { case v1, v2 }

    /// The first offset at which frames surely begin. `isExhausted`: no more octets will be waited for, so less proof has
    /// to do.
    static func start(
        in bytes: UnsafeRawBufferPointer,
        format: Format,
        isExhausted: Bool
    ) -> Int? {
        let offsetMax = format == .v1 ? min(bytes.count, 1) : bytes.count
        for offset in 0..<offsetMax {
            let weight =
                format == .v2
                ? weightOfChain(in: bytes, from: offset) : weightOfOldChain(in: bytes)
            guard let weight else { continue }
            // At the beginning of a segment frames begin more often than elsewhere.
            let needed = offset == 0 ? (isExhausted ? 3 : 4) : 6
            if weight >= (format == .v1 ? 6 : needed) { return offset }
        }
        return nil
    }

    /// How much speaks for frames of ZMTP 2.0 and later from here on; `nil` when they cannot be.
    private static func weightOfChain(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        var offset = start
        var weight = 0
        var emptyCount = 0
        var frameCount = 0
        while offset < bytes.count {
            let flags = bytes[offset]
            guard flags <= 7, flags & 5 != 5 else { return nil }
            let isLong = flags & FrameHeader.long != 0
            let headerByteCount = isLong ? 9 : 2
            guard offset + headerByteCount <= bytes.count else { break }
            let length =
                isLong
                ? BigEndian.loadUInt64(bytes, at: offset + 1) : UInt64(bytes[offset + 1])
            // libzmq and we write the shortest form; nobody sends a terabyte.
            guard length < 1 << 40, !isLong || length > 255 else { return nil }
            let bodyByteCount = Int(length)
            if flags & FrameHeader.command != 0 {
                let name = offset + headerByteCount
                guard bodyByteCount > 5 else { return nil }
                // Its name is not there yet.
                guard name + 10 <= bytes.count else { break }
                guard isKnownCommand(bytes, at: name, byteCount: bodyByteCount) else { return nil }
                weight += 6
            } else {
                weight += isLong ? 3 : bodyByteCount == 0 ? 0 : 1
            }
            frameCount += 1
            if bodyByteCount == 0 { emptyCount += 1 }
            guard bodyByteCount <= bytes.count - offset - headerByteCount else { break }
            offset += headerByteCount + bodyByteCount
            if frameCount >= 16 { break }
        }
        return emptyCount * 2 > frameCount ? nil : weight
    }

    private static func isKnownCommand(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int,
        byteCount: Int
    ) -> Bool {
        let nameByteCount = Int(bytes[offset])
        guard (4...9).contains(nameByteCount), nameByteCount < byteCount,
            offset + 1 + nameByteCount <= bytes.count
        else { return false }
        let name = bytes[offset + 1..<offset + 1 + nameByteCount]
        return names.contains { name.elementsEqual($0.utf8) }
    }

    private static let names = [
        "PING", "PONG", "READY", "ERROR", "SUBSCRIBE", "CANCEL", "MESSAGE", "HELLO", "WELCOME",
        "INITIATE", "JOIN", "LEAVE",
    ]

    /// Frames of ZMTP 1.0 say little about themselves: all that is there must consist of them, from its beginning.
    private static func weightOfOldChain(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let chain = oldChain(bytes) else { return nil }
        return chain.endsExactly ? chain.frameCount : chain.frameCount / 2
    }

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
