/// Chooses packets: `type in [nak, ncf] and seq >= 100 and not source == 10.77.0.12`.
///
///     expression  = term { ("or" | "||") term }
///     term        = factor { ("and" | "&&") factor }
///     factor      = ("not" | "!") factor | "(" expression ")" | comparison | flag
///     comparison  = field ("==" | "=" | "!=" | "<" | "<=" | ">" | ">=") value
///                 | field "in" "[" item { "," item } "]" | field "in" item
///     item        = value | value ".." value | network "/" bits
///
/// A comparison with something that a packet does not have is false, whatever the operator: ARP has no `seq`, so neither
/// `seq == 1` nor `seq != 1` chooses it. A field with several values (the numbers of a NAK) satisfies a comparison when one
/// of them does.
public struct PacketFilter: Sendable {
    indirect enum Condition: Sendable {
        case both(Condition, Condition)
        case either(Condition, Condition)
        case not(Condition)
        case flag(FilterField)
        case compare(FilterField, FilterTest)
    }

    /// As the user wrote it.
    public let text: String
    private let condition: Condition

    /// - Throws: With the place of the fault and what could stand there.
    public init(_ text: String) throws(FilterError) {
        self.text = text
        var parser = try FilterParser(text)
        condition = try parser.parse()
    }

    public func matches(_ facts: PacketFacts) -> Bool {
        Self.holds(condition, facts)
    }

    private static func holds(_ condition: Condition, _ facts: PacketFacts) -> Bool {
        switch condition {
        case .both(let left, let right): holds(left, facts) && holds(right, facts)
        case .either(let left, let right): holds(left, facts) || holds(right, facts)
        case .not(let inner): !holds(inner, facts)
        case .flag(let field): facts.isTrue(field)
        case .compare(let field, let test):
            facts.hasValue(field) { test.holds($0, start: facts.startNanoseconds) }
        }
    }
}

/// What one value is compared with.
struct FilterTest: Sendable {
    enum Operation: Sendable {
        case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isIn
    }

    enum Item: Sendable, Equatable {
        case numbers(ClosedRange<Int64>)
        /// Relative to the first packet.
        case elapsed(ClosedRange<Int64>)
        case network(IPAddress, bits: Int)
    }

    var operation: Operation
    var items: [Item]

    func holds(_ value: FilterValue, start: Int64) -> Bool {
        switch operation {
        case .equal, .isIn: items.contains { contains($0, value, start) }
        case .notEqual: !items.contains { contains($0, value, start) }
        case .less: order(value, start).map { $0 < 0 } ?? false
        case .lessOrEqual: order(value, start).map { $0 <= 0 } ?? false
        case .greater: order(value, start).map { $0 > 0 } ?? false
        case .greaterOrEqual: order(value, start).map { $0 >= 0 } ?? false
        }
    }

    private func contains(_ item: Item, _ value: FilterValue, _ start: Int64) -> Bool {
        switch (item, value) {
        case (.numbers(let range), .number(let number)): range.contains(number)
        case (.elapsed(let range), .number(let number)):
            range.contains(number.subtractingReportingOverflow(start).partialValue)
        case (.network(let network, let bits), .address(let address)):
            address.isIn(network, bits: bits)
        default: false
        }
    }

    /// Below zero when the value is less than the only item.
    private func order(_ value: FilterValue, _ start: Int64) -> Int? {
        switch (items.first, value) {
        case (.numbers(let range), .number(let number)):
            compare(number, range.lowerBound)
        case (.elapsed(let range), .number(let number)):
            compare(number.subtractingReportingOverflow(start).partialValue, range.lowerBound)
        case (.network(let other, _), .address(let address)):
            address == other ? 0 : address < other ? -1 : 1
        default: nil
        }
    }

    private func compare(_ left: Int64, _ right: Int64) -> Int {
        left == right ? 0 : left < right ? -1 : 1
    }
}

extension IPAddress {
    /// Whether the upper bits are those of the network.
    func isIn(_ network: IPAddress, bits: Int) -> Bool {
        guard family == network.family else { return false }
        switch family {
        case .v4: return bits == 0 || (low ^ network.low) >> UInt64(32 - bits) == 0
        case .v6:
            if bits <= 64 { return bits == 0 || (high ^ network.high) >> UInt64(64 - bits) == 0 }
            return high == network.high && (low ^ network.low) >> UInt64(128 - bits) == 0
        }
    }
}
