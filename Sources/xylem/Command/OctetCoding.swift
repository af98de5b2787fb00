import ArgumentParser
import Foundation

/// How octets that are no text are written as text. A message is its frames with `|` between them, so that what `xylem
/// subscribe` prints, `xylem publish` takes.
enum OctetCoding: Sendable {
    case hexadecimal, base64

    /// The octets that a text stands for; `nil` when it stands for none. White space means nothing, so that `dead beef` can
    /// be pasted, nor does `0x` before hexadecimal digits, nor padding after base64, of either alphabet.
    func octets(_ text: some Sequence<UInt8>) -> [UInt8]? {
        let characters = text.filter { !" \t\r\n".utf8.contains($0) }
        switch self {
        case .hexadecimal: return Self.hexadecimal(characters)
        case .base64: return Self.base64(characters)
        }
    }

    /// The frames of a message; `nil` when one of them is nothing that can be decoded.
    func frames(_ text: some Sequence<UInt8>) -> [[UInt8]]? {
        var frames: [[UInt8]] = []
        for part in Array(text).split(
            separator: UInt8(ascii: "|"),
            omittingEmptySubsequences: false
        ) {
            guard let frame = octets(part) else { return nil }
            frames.append(frame)
        }
        return frames
    }

    /// Appends the text for these octets.
    func append(_ bytes: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        switch self {
        case .hexadecimal:
            for byte in bytes {
                output.append(Self.digits[Int(byte >> 4)])
                output.append(Self.digits[Int(byte & 15)])
            }
        case .base64: output += Data(bytes).base64EncodedData()
        }
    }

    /// For messages: what a text was expected to be.
    var name: String {
        switch self {
        case .hexadecimal: "hexadecimal"
        case .base64: "base64"
        }
    }

    private static func hexadecimal(_ characters: [UInt8]) -> [UInt8]? {
        let isPrefixed = characters.starts(with: "0x".utf8) || characters.starts(with: "0X".utf8)
        let digits = characters.dropFirst(isPrefixed ? 2 : 0)
        guard digits.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = Character(UnicodeScalar(digit)).hexDigitValue, digit < 0x80 else {
                return nil
            }
            if let first = high {
                octets.append(first << 4 | UInt8(value))
                high = nil
            } else {
                high = UInt8(value)
            }
        }
        return octets
    }

    private static func base64(_ characters: [UInt8]) -> [UInt8]? {
        var characters = characters.map { character in
            switch character {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: character
            }
        }
        let padding = UInt8(ascii: "=")
        let digitCount = characters.firstIndex(of: padding) ?? characters.count
        let paddingCount = characters.count - digitCount
        guard characters[digitCount...].allSatisfy({ $0 == padding }), digitCount % 4 != 1,
            paddingCount == 0 || paddingCount < 3 && characters.count.isMultiple(of: 4)
        else { return nil }
        while !characters.count.isMultiple(of: 4) { characters.append(padding) }
        return Data(base64Encoded: Data(characters)).map(Array.init)
    }

    private static let digits = Array("0123456789abcdef".utf8)
}

/// Octets in hexadecimal digits.
struct HexadecimalArgument: ExpressibleByArgument, Equatable, Sendable {
    var octets: [UInt8]

    init?(argument: String) {
        guard let octets = OctetCoding.hexadecimal.octets(argument.utf8) else { return nil }
        self.octets = octets
    }
}

/// Octets in base64.
struct Base64Argument: ExpressibleByArgument, Equatable, Sendable {
    var octets: [UInt8]

    init?(argument: String) {
        guard let octets = OctetCoding.base64.octets(argument.utf8) else { return nil }
        self.octets = octets
    }
}
