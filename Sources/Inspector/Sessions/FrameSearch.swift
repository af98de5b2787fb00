/// Looks for the next frame in a stream that lost its place, more octets at hand each time, and gives up in the end.
struct FrameSearch {
    enum Outcome {
        /// Not with the octets that are there.
        case undecided
        /// These octets are enough, and tell nothing.
        case failed
        case found(ZMTPSearch.Format, FrameChains.Finding)
    }

    private var searchedByteCount = 0
    private var failureCount = 0
    private var bufferCount = 0
    /// Where segments begin in the octets at hand.
    private var segmentStarts: [Int] = []
    /// Frames that chains of octets already gone lead to, by framing.
    private var continuations: [ZMTPSearch.Format: [FrameChains.Continuation]] = [:]

    /// It makes no sense to look any more.
    var isHopeless: Bool {
        failureCount >= Self.failureCountMax || bufferCount >= Self.bufferCountMax
    }

    /// A segment begins at this place of the octets at hand.
    mutating func handleSegment(at offset: Int) {
        if segmentStarts.count < Self.segmentCountMax { segmentStarts.append(offset) }
    }

    /// Other octets will be looked at.
    mutating func restart() {
        searchedByteCount = 0
        segmentStarts = []
        continuations = [:]
    }

    /// What was found is no frame.
    mutating func handleFailure() {
        restart()
        failureCount += 1
    }

    /// `format` is the only one there can be, `nil` when the connection's opening is not captured; `isExhausted`: no more
    /// octets will come. Octets that tell nothing are not needed again.
    mutating func find(
        in octets: [UInt8],
        _ format: ZMTPSearch.Format?,
        isExhausted: Bool
    ) -> Outcome {
        let isFull = octets.count >= Self.octetCountMax
        // Looking again is worth it only when there is much more to look at.
        guard
            isExhausted || isFull || octets.count >= searchedByteCount + searchedByteCount / 2
        else { return .undecided }
        searchedByteCount = octets.count
        let all = [ZMTPSearch.Format.v2, .v1].filter { format == nil || format == $0 }
            .map { ($0, chains(in: octets, $0)) }
        let standings = all.compactMap { format, chains in chains.standing.map { (format, $0) } }
            .sorted { $0.1.finding.bits > $1.1.finding.bits }
        if let (format, first) = standings.first {
            var best = first
            if standings.count > 1 {
                best.rivalBits = max(best.rivalBits, Float(standings[1].1.finding.bits))
            }
            if best.isCertain { return .found(format, best.finding) }
        }
        guard isFull else { return .undecided }
        leave(all)
        return .failed
    }

    private func chains(in octets: [UInt8], _ format: ZMTPSearch.Format) -> FrameChains {
        octets.withUnsafeBytes {
            FrameChains(
                $0,
                format,
                segmentStarts: segmentStarts,
                continuations: continuations[format] ?? []
            )
        }
    }

    /// The octets at hand are dropped; frames that are longer than all of them are still waited for.
    private mutating func leave(_ all: [(ZMTPSearch.Format, FrameChains)]) {
        restart()
        bufferCount += 1
        for (format, chains) in all { continuations[format] = chains.continuationsBehind }
        if all.allSatisfy({ continuations[$0.0]?.isEmpty ?? true }) { failureCount += 1 }
    }

    private static let octetCountMax = 1 << 16
    private static let failureCountMax = 8
    private static let bufferCountMax = 4096
    private static let segmentCountMax = 4096
}
