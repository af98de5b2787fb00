import Vocabulary
import Wire

/// The type numbers of option extensions (RFC 3208 §3.6.5), the end bit taken off.
public enum OptionType {
    public static let length: UInt8 = 0x00
    public static let fragment: UInt8 = 0x01
    public static let nakList: UInt8 = 0x02
    public static let join: UInt8 = 0x03
    public static let backOffInterval: UInt8 = 0x04
    public static let backOffRange: UInt8 = 0x05
    public static let redirect: UInt8 = 0x07
    public static let parityParameters: UInt8 = 0x08
    public static let parityGroup: UInt8 = 0x09
    public static let currentGroupSize: UInt8 = 0x0A
    public static let neighbourUnreachable: UInt8 = 0x0B
    public static let pathAddress: UInt8 = 0x0C
    public static let synchronize: UInt8 = 0x0D
    public static let finish: UInt8 = 0x0E
    public static let reset: UInt8 = 0x0F
    public static let congestionReport: UInt8 = 0x10
    public static let congestionReportRequest: UInt8 = 0x11
    /// PGMCC, not of RFC 3208.
    public static let congestionData: UInt8 = 0x12
    public static let congestionFeedback: UInt8 = 0x13
    public static let invalidated: UInt8 = 0x7F
}

/// The option extensions of a packet, read where they stand; `PacketView` has checked them.
///
///     +------+------+---------------+  +-+------+------+---------+----------+
///     | 0x00 | 0x04 | total octets  |  |E| type | len. | F OPX…  | content… |  … at most 16, the last with E set
///     +------+------+---------------+  +-+------+------+---------+----------+
///
/// The third octet (F, OPX) is for network elements and not acted on here: OpenPGM leaves it uninitialised in
/// OPT_NAK_LIST, and an "OPX: discard" that is obeyed there throws away good NAKs.
public struct OptionArea: Sequence, IteratorProtocol {
    let bytes: UnsafeRawBufferPointer
    private var offset: Int

    /// `bytes` begins with OPT_LENGTH, or is empty.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        offset = Swift.min(4, bytes.count)
    }

    /// The next option after OPT_LENGTH.
    public mutating func next() -> OptionView? {
        guard offset < bytes.count else { return nil }
        let end = offset + Int(bytes[offset + 1])
        defer { offset = end }
        return OptionView(bytes: UnsafeRawBufferPointer(rebasing: bytes[offset..<end]))
    }

    /// The first option of that type.
    public func first(ofType type: UInt8) -> OptionView? {
        var area = self
        while let option = area.next() {
            if option.type == type { return option }
        }
        return nil
    }

    /// A limit of RFC 3208 §9.
    static let optionCountMax = 16

    /// Checks the options at `start` and gives where they end.
    static func check(
        _ bytes: UnsafeRawBufferPointer,
        at start: Int
    ) throws(PacketError) -> Int {
        guard bytes.count >= start + 4 else {
            throw .truncated(byteCount: bytes.count, neededByteCount: start + 4)
        }
        guard bytes[start] & 0x7F == OptionType.length, bytes[start + 1] == 4 else {
            throw .missingOptionLength
        }
        let total = Int(BigEndian.loadUInt16(bytes, at: start + 2))
        guard total >= 4 else { throw .wrongOptionLength(type: 0, byteCount: total) }
        let end = start + total
        guard bytes.count >= end else {
            throw .truncated(byteCount: bytes.count, neededByteCount: end)
        }
        var offset = start + 4
        var count = 0
        var isEnded = total == 4
        while offset < end, !isEnded {
            guard count < optionCountMax else { throw .tooManyOptions }
            guard end - offset >= 4 else { throw .optionsWithoutEnd }
            let byteCount = Int(bytes[offset + 1])
            guard byteCount >= 4, byteCount <= end - offset,
                OptionView.isPossible(bytes, at: offset, byteCount: byteCount)
            else { throw .wrongOptionLength(type: bytes[offset] & 0x7F, byteCount: byteCount) }
            isEnded = bytes[offset] & OptionView.endBit != 0
            offset += byteCount
            count += 1
        }
        guard isEnded, offset == end else { throw .optionsWithoutEnd }
        return end
    }
}

/// One option extension, read where it stands.
public struct OptionView {
    /// Head and content.
    public let bytes: UnsafeRawBufferPointer

    static let endBit: UInt8 = 0x80

    public var type: UInt8 { bytes[0] & 0x7F }
    /// Third octet: F (0x08) "encoded by parity", OPX (0x06).
    public var extensibility: UInt8 { bytes[2] }
    /// Fourth octet: U (0x80) and seven bits that belong to the option.
    public var specific: UInt8 { bytes[3] }

    /// Whether an option of this type can have this length. The caller has checked that its octets are there.
    @inline(__always)
    static func isPossible(_ bytes: UnsafeRawBufferPointer, at offset: Int, byteCount: Int) -> Bool
    {
        switch bytes[offset] & 0x7F {
        case OptionType.nakList: byteCount % 4 == 0
        case OptionType.fragment: byteCount == 16
        case OptionType.join, OptionType.parityParameters, OptionType.parityGroup,
            OptionType.currentGroupSize:
            byteCount == 8
        case OptionType.backOffInterval, OptionType.backOffRange: byteCount == 12
        case OptionType.redirect:
            isPossible(bytes, at: offset, byteCount: byteCount, addressAt: 4)
        case OptionType.pathAddress: byteCount == 8 || byteCount == 20
        case OptionType.congestionReport:
            isPossible(bytes, at: offset, byteCount: byteCount, addressAt: 16)
        case OptionType.congestionData, OptionType.congestionFeedback:
            isPossible(bytes, at: offset, byteCount: byteCount, addressAt: 8)
        case OptionType.length, OptionType.neighbourUnreachable, OptionType.synchronize,
            OptionType.finish, OptionType.reset, OptionType.congestionReportRequest:
            byteCount == 4
        default: true
        }
    }

    private static func isPossible(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int,
        byteCount: Int,
        addressAt start: Int
    ) -> Bool {
        guard byteCount >= start + NetworkAddress.headByteCount else { return false }
        let indicator = BigEndian.loadUInt16(bytes, at: offset + start)
        guard let count = NetworkAddress.byteCount(indicator: indicator) else { return false }
        return byteCount == start + NetworkAddress.headByteCount + count
    }
}
