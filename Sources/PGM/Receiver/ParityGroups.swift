/// Which parity packets of which transmission groups a receiver holds (RFC 3208 §11.5).
///
/// A group can be completed when it holds as many parity packets as data packets are missing, and when all its other data
/// packets were received here: a group that was joined in its middle, or of which a number was given up, is of no use.
struct ParityGroups: Sendable {
    struct Group: Sendable {
        var first = SequenceNumber(0)
        var isKnown = false
        var hasLengths = false
        /// Payloads are being computed.
        var isReconstructing = false
        /// One bit per parity index, 0…255.
        var indices: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        var count = 0

        /// Whether it was new.
        mutating func insert(_ index: Int) -> Bool {
            let bit = UInt64(1) << UInt64(index & 63)
            func add(_ word: inout UInt64) -> Bool {
                let isNew = word & bit == 0
                word |= bit
                return isNew
            }
            let isNew =
                switch index >> 6 {
                case 0: add(&indices.0)
                case 1: add(&indices.1)
                case 2: add(&indices.2)
                default: add(&indices.3)
                }
            if isNew { count += 1 }
            return isNew
        }

        func contains(_ index: Int) -> Bool {
            let words = [indices.0, indices.1, indices.2, indices.3]
            return words[index >> 6] >> UInt64(index & 63) & 1 == 1
        }
    }

    let groupSize: Int
    let isOnDemand: Bool
    private var groups: ContiguousArray<Group>

    /// `nil` for parameters that cannot be used: no power of two, or too large for the code or the window.
    init?(groupSize: UInt32, isOnDemand: Bool, windowPacketCount: Int) {
        guard groupSize >= 2, groupSize <= 128, groupSize & (groupSize - 1) == 0,
            windowPacketCount >= 4 * Int(groupSize)
        else { return nil }
        self.groupSize = Int(groupSize)
        self.isOnDemand = isOnDemand
        var capacity = 4
        while capacity < windowPacketCount / Int(groupSize) + 2 { capacity *= 2 }
        groups = ContiguousArray(repeating: Group(), count: capacity)
    }

    func first(of number: SequenceNumber) -> SequenceNumber {
        SequenceNumber(number.rawValue & ~UInt32(groupSize - 1))
    }

    func last(of number: SequenceNumber) -> SequenceNumber {
        SequenceNumber(number.rawValue | UInt32(groupSize - 1))
    }

    /// The group that starts at `first`, whatever stood in its place before.
    subscript(first: SequenceNumber) -> Group {
        get {
            let group = groups[slot(first)]
            return group.isKnown && group.first == first
                ? group : Group(first: first, isKnown: true)
        }
        set { groups[slot(first)] = newValue }
    }

    private func slot(_ first: SequenceNumber) -> Int {
        Int(first.rawValue) / groupSize & (groups.count - 1)
    }
}
