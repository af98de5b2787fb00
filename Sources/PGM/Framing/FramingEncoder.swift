import Wire

/// Turns runs of ZMTP 3 frames into the TSDUs that libzmq sends over PGM.
///
///     run:    | flags len body | flags len body | …           whole messages, as everywhere in this house
///     TSDU:   | offset 16 | … rest of a frame | len flags body | len flags body | start of a fra…
///                  └── where, after these two octets, the first message starts; 0xFFFF: none does
///
/// Frames in the TSDUs are ZMTP 1.0's: a length that counts the flags, one octet up to 254 or 0xFF and eight, then the
/// flags. Messages share TSDUs and are split anywhere, even within a frame's head.
///
/// The caller owns the memory: one open TSDU at a time, the same at every call until `finish`.
public struct FramingEncoder: Sendable {
    /// Octets of the open TSDU so far; `offsetByteCount` when it is empty.
    public private(set) var byteCount = Self.offsetByteCount
    /// The value of the offset word.
    private var messageOffset = Self.noMessage
    /// Octets of the current frame's body that are still to come, from the run.
    private var bodyLeft = 0
    /// Octets of the current frame's head that did not fit any more.
    private var headLeft: UInt64 = 0
    private var headLeft2: UInt64 = 0
    private var headLeftCount = 0
    /// The next frame of the run belongs to a message that has begun.
    private var isInsideMessage = false

    public static let offsetByteCount = 2
    static let noMessage: UInt16 = 0xFFFF
    /// The longest TSDU whose message offset can be told from "none".
    public static let payloadByteCountMax = 65_000

    public init() {}

    public var isEmpty: Bool { byteCount == Self.offsetByteCount }

    /// Copies what fits of `run` into the open TSDU and gives the octets taken: fewer than all means that the TSDU is
    /// full. Then call `finish`, and go on with the rest of the run in the next TSDU.
    ///
    /// - Precondition: the run holds whole messages, or is the rest of one; the TSDU has 4…65,000 octets.
    public mutating func encode(
        _ run: UnsafeRawBufferPointer,
        into tsdu: UnsafeMutableRawBufferPointer
    ) -> Int {
        let isPossible = (4...Self.payloadByteCountMax).contains(tsdu.count)
        precondition(isPossible, "a TSDU has 4 to 65,000 octets")
        guard let source = run.baseAddress, let target = tsdu.baseAddress else { return 0 }
        let end = tsdu.count
        let runEnd = run.count
        var position = byteCount
        var offset = 0
        if headLeftCount > 0 { position = writeHeadLeft(into: target, at: position, end: end) }
        if bodyLeft > 0, headLeftCount == 0 {
            let count = min(bodyLeft, end - position, runEnd)
            (target + position).copyMemory(from: source, byteCount: count)
            position += count
            offset = count
            bodyLeft -= count
        }
        // At a frame of the run, as long as nothing is left of the one before. A head of two octets is not split: an empty
        // frame would leave an octet for later that no octet of the run stands for.
        while offset < runEnd, position + 1 < end, bodyLeft == 0, headLeftCount == 0 {
            if !isInsideMessage, messageOffset == Self.noMessage {
                messageOffset = UInt16(truncatingIfNeeded: position - Self.offsetByteCount)
            }
            let flags = source.load(fromByteOffset: offset, as: UInt8.self)
            let more = flags & FrameHeader.more
            isInsideMessage = more != 0
            if flags & FrameHeader.long == 0 {
                let count = Int(source.load(fromByteOffset: offset + 1, as: UInt8.self))
                if count <= Self.shortBodyMax, position + 2 + count <= end {
                    target.storeBytes(
                        of: UInt16(littleEndian: UInt16(more) << 8 | UInt16(count + 1)),
                        toByteOffset: position,
                        as: UInt16.self
                    )
                    (target + position + 2)
                        .copyMemory(from: source + offset + 2, byteCount: count)
                    position += 2 + count
                    offset += 2 + count
                    continue
                }
                bodyLeft = count
                offset += 2
            } else {
                bodyLeft = Int(
                    truncatingIfNeeded: BigEndian.loadUInt64(run, at: offset + 1) & UInt64(Int.max)
                )
                offset += 9
            }
            position = writeHead(bodyLeft, more, into: target, at: position, end: end)
            guard headLeftCount == 0 else { break }
            let count = min(bodyLeft, end - position, runEnd - offset)
            (target + position).copyMemory(from: source + offset, byteCount: count)
            position += count
            offset += count
            bodyLeft -= count
        }
        byteCount = position
        return offset
    }

    /// Completes the open TSDU with its offset word, gives its octets, and begins the next one.
    public mutating func finish(_ tsdu: UnsafeMutableRawBufferPointer) -> Int {
        precondition(tsdu.count >= byteCount, "not the TSDU that was filled")
        BigEndian.store(messageOffset, in: tsdu, at: 0)
        defer {
            byteCount = Self.offsetByteCount
            messageOffset = Self.noMessage
        }
        return byteCount
    }

    /// Whether a message has begun and not ended: the next octets of the run continue it.
    public var isMidMessage: Bool { isInsideMessage || bodyLeft > 0 || headLeftCount > 0 }

    /// The longest body whose length, flags counted, fits one octet.
    private static let shortBodyMax = 253

    /// Writes a frame's head, or as much of it as fits, and keeps the rest.
    private mutating func writeHead(
        _ bodyByteCount: Int,
        _ more: UInt8,
        into target: UnsafeMutableRawPointer,
        at position: Int,
        end: Int
    ) -> Int {
        if bodyByteCount <= Self.shortBodyMax {
            headLeft = UInt64(bodyByteCount + 1) << 56 | UInt64(more) << 48
            headLeft2 = 0
            headLeftCount = 2
        } else {
            let length = UInt64(bodyByteCount) &+ 1
            headLeft = 0xFF << 56 | length >> 8
            headLeft2 = length << 56 | UInt64(more) << 48
            headLeftCount = 10
        }
        return writeHeadLeft(into: target, at: position, end: end)
    }

    private mutating func writeHeadLeft(
        into target: UnsafeMutableRawPointer,
        at start: Int,
        end: Int
    ) -> Int {
        var position = start
        while headLeftCount > 0, position < end {
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: headLeft >> 56),
                toByteOffset: position,
                as: UInt8.self
            )
            headLeft = headLeft << 8 | headLeft2 >> 56
            headLeft2 <<= 8
            headLeftCount -= 1
            position += 1
        }
        return position
    }
}
