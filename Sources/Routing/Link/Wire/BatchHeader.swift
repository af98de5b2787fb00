/// What stands before the frames of a batch (tree-link.md, §4).
///
///     flags (1) │ epoch (8) │ first (8) │ last (8) │ origins │ contained │ frames …
///
/// The frames are those of the contained messages as they came from their publishers: a plain subscriber is given slices of them.
public struct BatchHeader: Hashable, Sendable {
    /// What kind of numbers a batch is about.
    public enum Kind: UInt8, Hashable, Sendable {
        /// The next of the stream.
        case live = 0
        /// Of the past, as it was asked for with SYNC.
        case past = 2
        /// What a relay holds, for the next root.
        case tail = 4
    }

    public var kind: Kind
    public var epoch: UInt64
    /// `nil` = no number: the end of a tail.
    public var numbers: LinkNumbers?
    /// Of every number, contained or not, in order (B1).
    public var origins: [OriginRange]
    /// The numbers whose messages are contained, ascending and apart.
    public var contained: [LinkNumbers]
    /// The numbers have no message, and never will.
    public var isVoid: Bool
    /// Each relay that passes the batch on tells of it.
    public var isTraced: Bool

    public init(
        _ kind: Kind,
        epoch: UInt64,
        numbers: LinkNumbers?,
        origins: [OriginRange],
        contained: [LinkNumbers] = [],
        isVoid: Bool = false,
        isTraced: Bool = false
    ) {
        self.kind = kind
        self.epoch = epoch
        self.numbers = numbers
        self.origins = origins
        self.contained = contained
        self.isVoid = isVoid
        self.isTraced = isTraced
    }

    /// How many messages the frames must hold.
    public var messageCount: UInt64 {
        contained.reduce(0) { $0 + ($1.upperBound - $1.lowerBound + 1) }
    }

    /// The header of what is left of the batch behind a number; `nil` = nothing.
    func suffix(after number: UInt64) -> BatchHeader? {
        guard let numbers, number < numbers.upperBound else { return nil }
        guard number >= numbers.lowerBound else { return self }
        var rest = self
        rest.numbers = number + 1...numbers.upperBound
        rest.contained = contained.compactMap { $0.intersection(number + 1...numbers.upperBound) }
        var skipped = number - numbers.lowerBound + 1
        rest.origins = origins.compactMap { range in
            let part = min(skipped, range.count)
            skipped -= part
            guard part < range.count else { return nil }
            return OriginRange(
                index: range.index,
                first: range.first + part,
                count: range.count - part
            )
        }
        return rest
    }

    /// The header of a part of it, whose messages are those of `contained`.
    public func part(_ part: LinkNumbers, contained: [LinkNumbers]) -> BatchHeader {
        guard let numbers else { return self }
        var header = self
        header.numbers = part
        header.contained = contained
        guard part != numbers else { return header }
        var next = numbers.lowerBound
        header.origins = origins.compactMap { range in
            defer { next += range.count }
            let own = next...(next + (range.count - 1))
            return own.intersection(part).map {
                OriginRange(
                    index: range.index,
                    first: range.first + ($0.lowerBound - next),
                    count: $0.upperBound - $0.lowerBound + 1
                )
            }
        }
        return header
    }

    // MARK: - Octets

    private static let all: UInt8 = 1
    private static let traced: UInt8 = 8
    private static let void: UInt8 = 16
    /// Of one batch; more numbers are several batches.
    public static let numberCountMax: UInt64 = 65_536

    func encode(into writer: inout LinkWriter) {
        let isWhole = numbers.map { contained == [$0] } ?? false
        writer.octet(
            kind.rawValue | (isWhole ? Self.all : 0) | (isTraced ? Self.traced : 0)
                | (isVoid ? Self.void : 0)
        )
        writer.number(epoch)
        writer.number(numbers?.lowerBound ?? 1)
        writer.number(numbers?.upperBound ?? 0)
        writer.varint(UInt64(origins.count))
        for range in origins {
            writer.varint(UInt64(range.index))
            writer.varint(range.first)
            writer.varint(range.count)
        }
        guard let numbers, !isWhole, !isVoid else { return }
        var next = numbers.lowerBound
        for part in contained {
            writer.varint(part.lowerBound - next)
            writer.varint(part.upperBound - part.lowerBound + 1)
            next = part.upperBound + 1
        }
        if next <= numbers.upperBound {
            writer.varint(numbers.upperBound - next + 1)
            writer.varint(0)
        }
    }

    init(from reader: inout LinkReader) throws(LinkFault) {
        let flags = try reader.octet()
        guard flags & ~(Self.all | 6 | Self.traced | Self.void) == 0,
            let kind = Kind(rawValue: flags & 6)
        else { throw LinkFault("a batch has flags \(flags), which mean nothing") }
        let epoch = try reader.number()
        let (first, last) = (try reader.number(), try reader.number())
        var numbers: LinkNumbers?
        if first != 1 || last != 0 {
            guard first > 0, first <= last, last - first < Self.numberCountMax, last < .max else {
                throw LinkFault("a batch is from \(first) to \(last)")
            }
            numbers = first...last
        }
        guard numbers != nil || kind == .tail else { throw LinkFault("a batch has no numbers") }
        self.init(
            kind,
            epoch: epoch,
            numbers: numbers,
            origins: try Self.origins(of: numbers, from: &reader),
            isVoid: flags & Self.void != 0,
            isTraced: flags & Self.traced != 0
        )
        guard let numbers, !isVoid else {
            guard flags & Self.all == 0 else { throw LinkFault("a batch of nothing contains all") }
            return
        }
        contained =
            flags & Self.all != 0
            ? [numbers] : try Self.contained(of: numbers, from: &reader)
    }

    private static func origins(
        of numbers: LinkNumbers?,
        from reader: inout LinkReader
    ) throws(LinkFault) -> [OriginRange] {
        let count = numbers.map { $0.upperBound - $0.lowerBound + 1 } ?? 0
        var left = count
        var origins: [OriginRange] = []
        for _ in 0..<(try reader.count()) {
            let (index, first, size) = (
                try reader.varint(), try reader.varint(), try reader.varint()
            )
            guard index < UInt64(OriginTable.countMax), first > 0, size > 0, size <= left,
                first <= .max - size
            else { throw LinkFault("a batch names origins that cannot be") }
            origins.append(OriginRange(index: Int(index), first: first, count: size))
            left -= size
        }
        guard left == 0 else { throw LinkFault("a batch has \(left) numbers without an origin") }
        return origins
    }

    private static func contained(
        of numbers: LinkNumbers,
        from reader: inout LinkReader
    ) throws(LinkFault) -> [LinkNumbers] {
        var next = numbers.lowerBound
        var contained: [LinkNumbers] = []
        while next <= numbers.upperBound {
            let skip = try reader.varint()
            let left = numbers.upperBound - next + 1
            guard skip <= left else { throw LinkFault("a batch skips more than it has") }
            let take = try reader.varint()
            guard take <= left - skip, skip + take > 0 else {
                throw LinkFault("a batch contains more than it has, or nothing of it")
            }
            next += skip
            if take > 0 { contained.append(next...(next + (take - 1))) }
            next += take
        }
        return contained
    }
}
