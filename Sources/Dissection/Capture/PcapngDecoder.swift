/// The blocks of a pcapng file (draft-ietf-opsawg-pcapng): any number of sections, of either byte order, each with its own
/// interfaces.
///
///     +------+--------+------------------+--------+
///     | type | length | body … options … | length |    SHB, IDB, EPB, SPB, PB, NRB, ISB; others are passed over
///     +------+--------+------------------+--------+
///
/// A block whose two lengths differ, or whose type and length cannot be, makes the decoder lost: it looks for the next
/// place where a whole block of a known type stands.
struct PcapngDecoder {
    private enum BlockHead {
        case block(type: UInt32, byteCount: Int)
        case none(CaptureNotice.Reason)
        case undecided
    }

    var section = PcapngSection()
    private var lost: (offset: Int, reason: CaptureNotice.Reason)?

    /// The same in both byte orders.
    static let sectionHeaderType: UInt32 = 0x0A0D_0D0A

    mutating func nextPacket(
        _ input: inout ChunkBuffer,
        _ contents: inout CaptureContents
    ) -> CapturedPacket? {
        while true {
            if lost != nil, !findBlock(&input, &contents) { return nil }
            switch blockHead(&input) {
            case .undecided: return nil
            case .none(let reason):
                guard input.availableByteCount > 0 else { return nil }
                lost = (input.offset, reason)
            case .block(let type, let byteCount):
                guard let start = input.peek(byteCount) else {
                    guard input.isEnded else { return nil }
                    lost = (input.offset, .truncated)
                    continue
                }
                let block = UnsafeRawBufferPointer(start: start, count: byteCount)
                guard section.byteOrder.load32(block, byteCount - 4) == UInt32(byteCount) else {
                    lost = (input.offset, .corruptBlock)
                    continue
                }
                let offset = input.offset
                input.advance(byteCount)
                let body = UnsafeRawBufferPointer(rebasing: block[8..<byteCount - 4])
                if let packet = section.handleBlock(type, body, at: offset, &contents) {
                    return packet
                }
            }
        }
    }

    /// Type and length of the block that begins here. A section header changes the byte order at once: its own length is
    /// written in it.
    private mutating func blockHead(_ input: inout ChunkBuffer) -> BlockHead {
        guard let start = input.peek(12) else {
            return input.isEnded ? .none(.truncated) : .undecided
        }
        let head = UnsafeRawBufferPointer(start: start, count: 12)
        let type = section.byteOrder.load32(head, 0)
        if type == Self.sectionHeaderType {
            switch head.loadUnaligned(fromByteOffset: 8, as: UInt32.self) {
            case Self.byteOrderMagic: section.byteOrder.isSwapped = false
            case Self.byteOrderMagic.byteSwapped: section.byteOrder.isSwapped = true
            default: return .none(.corruptBlock)
            }
        }
        let byteCount = section.byteOrder.load32(head, 4)
        guard byteCount >= 12, byteCount % 4 == 0 else { return .none(.corruptBlock) }
        guard byteCount <= Self.blockByteCountMax else { return .none(.oversizedBlock) }
        return .block(type: type, byteCount: Int(byteCount))
    }

    /// Stands at a whole block when it returns true; else more octets are needed, or nothing is left.
    private mutating func findBlock(
        _ input: inout ChunkBuffer,
        _ contents: inout CaptureContents
    ) -> Bool {
        guard let lost else { return true }
        if input.offset == lost.offset, input.availableByteCount > 0 { input.advance(1) }
        let isSwapped = section.byteOrder.isSwapped
        while let start = input.peek(12) {
            let head = UnsafeRawBufferPointer(start: start, count: 12)
            if Self.isKnown(section.byteOrder.load32(head, 0)),
                case .block(_, let byteCount) = blockHead(&input)
            {
                // Only what a reader in a hurry would keep: a lie must not make us wait for megabytes.
                if byteCount <= Self.foundByteCountMax {
                    guard let start = input.peek(byteCount) else {
                        guard input.isEnded else { return false }
                        section.byteOrder.isSwapped = isSwapped
                        input.advance(1)
                        continue
                    }
                    let block = UnsafeRawBufferPointer(start: start, count: byteCount)
                    if section.byteOrder.load32(block, byteCount - 4) == UInt32(byteCount) {
                        contents.note(
                            lost.reason == .truncated ? .corruptBlock : lost.reason,
                            offset: lost.offset,
                            byteCount: input.offset - lost.offset
                        )
                        self.lost = nil
                        return true
                    }
                }
            }
            section.byteOrder.isSwapped = isSwapped
            input.advance(1)
        }
        guard input.isEnded else { return false }
        input.advance(input.availableByteCount)
        contents.note(lost.reason, offset: lost.offset, byteCount: input.offset - lost.offset)
        self.lost = nil
        return true
    }

    private static func isKnown(_ type: UInt32) -> Bool {
        type == sectionHeaderType || (1...10).contains(type) || type & 0x7FFF_FFFF == 0x0BAD
    }

    private static let byteOrderMagic: UInt32 = 0x1A2B_3C4D
    /// As much as Wireshark accepts.
    private static let blockByteCountMax: UInt32 = 16 << 20
    private static let foundByteCountMax = 1 << 20
}
