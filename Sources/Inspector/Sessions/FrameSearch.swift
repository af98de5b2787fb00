/// Looks for the next frame in a stream that lost its place, more octets at hand each time, and gives up in the end.
struct FrameSearch {
    enum Outcome {
        /// Not with the octets that are there.
        case undecided
        /// There is no frame in these octets.
        case failed
        case found(ZMTPSearch.Format, start: Int)
    }

    private var searchedByteCount = 0
    private var failureCount = 0

    /// It makes no sense to look any more.
    var isHopeless: Bool { failureCount >= Self.failureCountMax }

    /// Other octets will be looked at.
    mutating func restart() { searchedByteCount = 0 }

    /// What was found, or might have been, is no frame.
    mutating func handleFailure() {
        searchedByteCount = 0
        failureCount += 1
    }

    /// `format` is the only one there can be, `nil` when the connection's opening is not captured; `isExhausted`: no more
    /// octets will come.
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
        let isLast = isExhausted || isFull
        for candidate in [ZMTPSearch.Format.v2, .v1] where format == nil || format == candidate {
            let start = octets.withUnsafeBytes {
                ZMTPSearch.start(in: $0, format: candidate, isExhausted: isLast)
            }
            if let start { return .found(candidate, start: start) }
        }
        return isFull ? .failed : .undecided
    }

    private static let octetCountMax = 1 << 16
    private static let failureCountMax = 8
}
