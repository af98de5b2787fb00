/// Z85 (RFC 32): four octets as five printable characters, none of which needs an escape in text files.
public enum Z85 {
    /// - Precondition: the number of octets is divisible by four.
    public static func encode(_ octets: some Collection<UInt8>) -> String {
        precondition(octets.count % 4 == 0, "Z85 takes octets by fours")
        var text: [UInt8] = []
        text.reserveCapacity(octets.count / 4 * 5)
        var value: UInt32 = 0
        for (index, octet) in octets.enumerated() {
            value = value << 8 | UInt32(octet)
            guard index % 4 == 3 else { continue }
            for divisor: UInt32 in [52_200_625, 614_125, 7_225, 85, 1] {
                text.append(alphabet[Int(value / divisor % 85)])
            }
            value = 0
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// `nil` when the text is not Z85: a length that is not divisible by five, a foreign character, or five characters
    /// that say more than 32 bits.
    public static func decode(_ text: String) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 5 == 0 else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(characters.count / 5 * 4)
        var value: UInt64 = 0
        for (index, character) in characters.enumerated() {
            let digit = digits[Int(character)]
            guard digit < 85 else { return nil }
            value = value * 85 + UInt64(digit)
            guard index % 5 == 4 else { continue }
            guard let word = UInt32(exactly: value) else { return nil }
            for shift: UInt32 in [24, 16, 8, 0] {
                octets.append(UInt8(truncatingIfNeeded: word >> shift))
            }
            value = 0
        }
        return octets
    }

    private static let alphabet = Array(
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#".utf8
    )

    /// The value of each character; 255 for those that are not in the alphabet.
    private static let digits = {
        var digits = [UInt8](repeating: 255, count: 256)
        for (value, character) in alphabet.enumerated() { digits[Int(character)] = UInt8(value) }
        return digits
    }()
}
