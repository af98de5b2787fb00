/// Octets written as a person reads them in a capture: `04 0A "SUBSCRIBE"` is hexadecimal pairs and quoted text;
/// `00*48` is an octet repeated.
func octets(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    for (index, part) in text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
    {
        if index % 2 == 1 {
            result += part.utf8
            continue
        }
        for word in part.split(whereSeparator: \.isWhitespace) {
            let factors = word.split(separator: "*")
            guard let octet = UInt8(factors[0], radix: 16) else {
                preconditionFailure("not hex: \(word)")
            }
            let count = factors.count == 2 ? Int(factors[1]) ?? 0 : 1
            result += [UInt8](repeating: octet, count: count)
        }
    }
    return result
}

/// The pairs of hexadecimal digits of a capture.
func hex(_ octets: some Sequence<UInt8>) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }
        .joined(separator: " ")
}
