extension IPAddress: CustomStringConvertible, LosslessStringConvertible {
    /// `10.77.0.1`, `2001:db8::1`; IPv6 in the shortest form (RFC 5952).
    public var description: String {
        switch family {
        case .v4: Self.v4Text(UInt32(truncatingIfNeeded: low))
        case .v6: v6Text
        }
    }

    /// Reads what `description` writes, and every other form of RFC 4291 §2.2; zones (`%eth0`) are no part of an address.
    public init?(_ text: String) {
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let groups = Self.v6Groups(text) else { return nil }
            var halves = (high: UInt64(0), low: UInt64(0))
            for (index, group) in groups.enumerated() {
                if index < 4 {
                    halves.high = halves.high << 16 | UInt64(group)
                } else {
                    halves.low = halves.low << 16 | UInt64(group)
                }
            }
            self.init(v6High: halves.high, low: halves.low)
        } else {
            guard let address = Self.v4Value(text[...]) else { return nil }
            self.init(v4: address)
        }
    }

    private static func v4Text(_ address: UInt32) -> String {
        "\(address >> 24).\(address >> 16 & 0xFF).\(address >> 8 & 0xFF).\(address & 0xFF)"
    }

    private var v6Text: String {
        let groups = (0..<8).map { (index: Int) -> UInt16 in
            let half = index < 4 ? high : low
            return UInt16(truncatingIfNeeded: half >> UInt64(48 - index % 4 * 16))
        }
        // RFC 5952 §5: an embedded IPv4 address stays readable.
        if high == 0, low >> 32 == 0xFFFF {
            return "::ffff:" + Self.v4Text(UInt32(truncatingIfNeeded: low))
        }
        let zeros = Self.longestZeros(groups)
        let text = { (range: Range<Int>) in
            groups[range].map { String($0, radix: 16) }.joined(separator: ":")
        }
        guard zeros.count > 1 else { return text(0..<8) }
        return text(0..<zeros.lowerBound) + "::" + text(zeros.upperBound..<8)
    }

    /// The first of the longest runs of zero groups (RFC 5952 §4.2.3).
    private static func longestZeros(_ groups: [UInt16]) -> Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...groups.count {
            if index < groups.count, groups[index] == 0 { continue }
            if index - start > best.count { best = start..<index }
            start = index + 1
        }
        return best
    }

    private static func v4Value(_ text: Substring) -> UInt32? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var address: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.utf8.count), let octet = UInt8(part), part.first != "+"
            else { return nil }
            address = address << 8 | UInt32(octet)
        }
        return address
    }

    private static func v6Groups(_ text: String) -> [UInt16]? {
        guard let gap = text.firstRange(of: "::") else {
            guard let groups = groups(of: text[...], endsAddress: true), groups.count == 8 else {
                return nil
            }
            return groups
        }
        guard let head = groups(of: text[..<gap.lowerBound], endsAddress: false),
            let tail = groups(of: text[gap.upperBound...], endsAddress: true),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Groups between single colons; the last of the whole address may be an IPv4 address.
    private static func groups(of text: Substring, endsAddress: Bool) -> [UInt16]? {
        guard !text.isEmpty else { return [] }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var groups: [UInt16] = []
        for (index, part) in parts.enumerated() {
            if endsAddress, index == parts.count - 1, part.contains("."),
                let address = v4Value(part)
            {
                groups += [UInt16(address >> 16), UInt16(address & 0xFFFF)]
                continue
            }
            guard (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            else { return nil }
            groups.append(group)
        }
        return groups
    }
}
