/// Octets of a stranger as text for people: short, and nothing in it ends a line or drives a terminal.
package enum PrintableText {
    /// Valid UTF-8 stays, without control characters; everything else is written as `\xHH`.
    package static func text(_ bytes: some Collection<UInt8>, byteCountMax: Int = 64) -> String {
        let kept = Array(bytes.prefix(byteCountMax))
        var text = ""
        var rest = kept[...]
        while let first = rest.first {
            if first >= 0x20, first < 0x7F {
                text.unicodeScalars.append(Unicode.Scalar(first))
                rest = rest.dropFirst()
            } else if let (scalar, count) = scalar(at: rest) {
                text.unicodeScalars.append(scalar)
                rest = rest.dropFirst(count)
            } else {
                text += "\\x" + hexadecimal(first)
                rest = rest.dropFirst()
            }
        }
        return bytes.count > byteCountMax ? text + "…" : text
    }

    /// A scalar of several octets that prints as itself: letters, marks, numbers, punctuation and symbols.
    private static func scalar(at bytes: ArraySlice<UInt8>) -> (Unicode.Scalar, Int)? {
        guard let first = bytes.first, first >= 0xC2, first < 0xF5 else { return nil }
        let count = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
        guard bytes.count >= count,
            let string = String(validating: bytes.prefix(count), as: UTF8.self),
            let scalar = string.unicodeScalars.first, string.unicodeScalars.count == 1
        else { return nil }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
            .paragraphSeparator:
            return nil
        default: return (scalar, count)
        }
    }

    private static func hexadecimal(_ octet: UInt8) -> String {
        let digits = String(octet, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
