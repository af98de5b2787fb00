/// The fields of a pcapng block, read where they stand: the options at the end of any block, and the records of a name
/// resolution block, which have the same form. Ends without complaint where they stop making sense: nothing after them
/// depends on it.
///
///     +-----------+-----------+-------------------------+
///     | code 16   | length 16 | value, padded to 32 bit | …   until opt_endofopt (0, 0) or the end
///     +-----------+-----------+-------------------------+
struct PcapngFields: Sequence, IteratorProtocol {
    struct Field {
        var code: UInt16
        var value: UnsafeRawBufferPointer
        fileprivate var byteOrder: PcapngByteOrder
    }

    private let bytes: UnsafeRawBufferPointer
    private let byteOrder: PcapngByteOrder
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer, _ byteOrder: PcapngByteOrder) {
        self.bytes = bytes
        self.byteOrder = byteOrder
    }

    mutating func next() -> Field? {
        guard bytes.count - offset >= 4 else { return nil }
        let code = byteOrder.load16(bytes, offset)
        let count = Int(byteOrder.load16(bytes, offset + 2))
        guard code != 0 || count != 0, bytes.count - offset - 4 >= count else { return nil }
        let value = UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<(offset + 4 + count)])
        offset = Swift.min(offset + 4 + (count + 3) & ~3, bytes.count)
        return Field(code: code, value: value, byteOrder: byteOrder)
    }
}

extension PcapngFields.Field {
    /// As UTF-8, without what would disturb a terminal, and bounded.
    var text: String { PcapngText.text(value) }

    /// `nil` when the value is not of 64 bits.
    var number64: UInt64? { value.count == 8 ? byteOrder.load64(value, 0) : nil }
}

/// Text of a capture file: it was written by others, so it is bounded and holds no control characters.
enum PcapngText {
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let end = bytes.firstIndex(of: 0) ?? bytes.count
        let kept = bytes[..<Swift.min(end, CaptureContents.textByteCountMax)]
        let text = String(decoding: kept, as: UTF8.self)
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var cleaned = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { cleaned.append(isControl(scalar) ? " " : scalar) }
        return String(cleaned)
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }
}
