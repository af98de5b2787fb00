/// The options at the end of a pcapng block, read where they stand. Ends without complaint where they stop making sense:
/// nothing after them depends on it.
///
///     +-----------+-----------+-------------------------+
///     | code 16   | length 16 | value, padded to 32 bit | …   until opt_endofopt (0, 0) or the end
///     +-----------+-----------+-------------------------+
struct PcapngOptions: Sequence, IteratorProtocol {
    struct Option {
        var code: UInt16
        var value: UnsafeRawBufferPointer
    }

    private let bytes: UnsafeRawBufferPointer
    private let isSwapped: Bool
    private var offset = 0

    init(_ bytes: UnsafeRawBufferPointer, isSwapped: Bool) {
        self.bytes = bytes
        self.isSwapped = isSwapped
    }

    mutating func next() -> Option? {
        guard bytes.count - offset >= 4 else { return nil }
        let code = load16(offset)
        let count = Int(load16(offset + 2))
        guard code != 0 || count != 0, bytes.count - offset - 4 >= count else { return nil }
        let value = UnsafeRawBufferPointer(rebasing: bytes[(offset + 4)..<(offset + 4 + count)])
        offset = Swift.min(offset + 4 + (count + 3) & ~3, bytes.count)
        return Option(code: code, value: value)
    }

    private func load16(_ offset: Int) -> UInt16 {
        let number = bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return isSwapped ? number.byteSwapped : number
    }
}

extension PcapngOptions.Option {
    /// As UTF-8, without what would disturb a terminal, and bounded.
    var text: String { PcapngText.text(value) }

    func number64(isSwapped: Bool) -> UInt64? {
        guard value.count == 8 else { return nil }
        let number = value.loadUnaligned(as: UInt64.self)
        return isSwapped ? number.byteSwapped : number
    }
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
