/// Which messages of one publisher's sequence have arrived.
///
/// A number that was skipped is missing until it arrives late. Of the ranges that are missing, a bounded number is
/// kept; beyond it the oldest are forgotten, still missing: if they arrive after all they count as duplicates.
struct SequenceLedger: Equatable, Sendable {
    /// What an arrival is.
    enum Arrival: Equatable, Sendable {
        case inOrder
        /// That many before it are missing.
        case gap(missing: UInt64)
        /// It was missing.
        case late
        case duplicate
    }

    /// The first number that arrived.
    private(set) var first: UInt64?
    /// One more than the highest number that arrived.
    private(set) var next: UInt64 = 0
    private(set) var missingCount: UInt64 = 0
    private(set) var lateCount: UInt64 = 0
    private(set) var duplicateCount: UInt64 = 0
    /// Missing, ascending.
    private var holes: [Range<UInt64>] = []
    private let holeCountMax: Int

    init(holeCountMax: Int = 4_096) {
        self.holeCountMax = holeCountMax
    }

    /// Takes note of a number. Whoever comes into a sequence in the middle misses nothing of before.
    mutating func handle(_ sequence: UInt64) -> Arrival {
        guard let first else {
            first = sequence
            next = sequence &+ 1
            return .inOrder
        }
        guard sequence >= next else { return handleEarlier(sequence, first) }
        let missing = sequence - next
        if missing > 0 {
            if holes.count == holeCountMax { holes.removeFirst() }
            holes.append(next..<sequence)
            missingCount += missing
        }
        next = sequence &+ 1
        return missing > 0 ? .gap(missing: missing) : .inOrder
    }

    /// From number 0 on, and nothing missing: the order and duplicates are another matter.
    var isComplete: Bool { first == 0 && missingCount == 0 }

    private mutating func handleEarlier(_ sequence: UInt64, _ first: UInt64) -> Arrival {
        if sequence < first {
            // It overtook nothing that we know of: the sequence began earlier than we thought.
            if sequence + 1 < first {
                if holes.count == holeCountMax { holes.removeFirst() }
                holes.insert(sequence + 1..<first, at: 0)
                missingCount += first - sequence - 1
            }
            self.first = sequence
            lateCount += 1
            return .late
        }
        guard let index = holes.firstIndex(where: { $0.contains(sequence) }) else {
            duplicateCount += 1
            return .duplicate
        }
        let hole = holes[index]
        let parts = [hole.lowerBound..<sequence, sequence + 1..<hole.upperBound]
        holes.replaceSubrange(index...index, with: parts.filter { !$0.isEmpty })
        missingCount -= 1
        lateCount += 1
        return .late
    }
}
