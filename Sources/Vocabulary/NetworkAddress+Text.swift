extension NetworkAddress {
    /// A number such as `239.192.1.1` or `ff05::1`, without brackets, in the forms that `inet_pton` takes; `nil` for anything else.
    public init?(text: some StringProtocol) {
        let octets = Array(text.utf8)
        if octets.contains(UInt8(ascii: ":")) {
            guard let groups = Self.groups(octets[...]) else { return nil }
            func half(_ range: Range<Int>) -> UInt64 {
                groups[range].reduce(0) { $0 << 16 | UInt64($1) }
            }
            self.init(v6High: half(0..<4), low: half(4..<8))
        } else {
            guard let number = Self.number(octets[...]) else { return nil }
            self.init(v4: number)
        }
    }

    /// Four decimal octets without leading zeros, which some read as octal.
    private static func number(_ text: ArraySlice<UInt8>) -> UInt32? {
        let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var number: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.count == 1 || part.first != UInt8(ascii: "0"),
                part.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let octet = UInt8(String(decoding: part, as: UTF8.self))
            else { return nil }
            number = number << 8 | UInt32(octet)
        }
        return number
    }

    /// The eight groups of an IPv6 address (RFC 4291 §2.2): `::` once for one or more zero groups, and an IPv4 address in place of
    /// the last two.
    private static func groups(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        let colon = UInt8(ascii: ":")
        let gap = text.indices.dropLast().first { text[$0] == colon && text[$0 + 1] == colon }
        guard let gap else {
            guard let groups = run(text, mayEndInV4: true), groups.count == 8 else { return nil }
            return groups
        }
        guard let front = run(text[..<gap], mayEndInV4: false),
            let back = run(text[(gap + 2)...], mayEndInV4: true), front.count + back.count < 8
        else { return nil }
        return front + [UInt16](repeating: 0, count: 8 - front.count - back.count) + back
    }

    /// Groups with a colon between each two; none from an empty text.
    private static func run(_ text: ArraySlice<UInt8>, mayEndInV4: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if part.contains(UInt8(ascii: ".")) {
                guard mayEndInV4, index == parts.count - 1, let number = number(part) else {
                    return nil
                }
                groups += [UInt16(number >> 16), UInt16(truncatingIfNeeded: number)]
            } else {
                guard (1...4).contains(part.count), part.first != UInt8(ascii: "+"),
                    let group = UInt16(String(decoding: part, as: UTF8.self), radix: 16)
                else { return nil }
                groups.append(group)
            }
        }
        return groups.count <= 8 ? groups : nil
    }
}
