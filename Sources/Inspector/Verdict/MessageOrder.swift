/// Which messages surely came before or after others, as the order of the tracks tells, whichever tap's messages were numbered
/// first.
///
/// A *block* is what one track was the first to have. Between messages that are known already, its messages come in *runs*:
///
///     leaf       a b     e f      block 0: numbers 0 1 2 3
///     source     a b c d e f      block 1: c and d, 4 and 5, are a run behind 1 and in front of 2
///
/// Nothing is said of two runs of different tracks between the same messages: their order is not known.
struct MessageOrder {
    private struct Run {
        var first: Int
        /// The known messages next to it in its track; `nil` at the ends of the track.
        var before: Int?
        var after: Int?
    }

    private var runs: [Run] = []
    /// The first message of each block.
    private var blockStarts: [Int] = []

    var blockCount: Int { blockStarts.count }

    func block(of message: Int) -> Int {
        max(0, Self.count(of: blockStarts, upTo: message) { $0 } - 1)
    }

    /// Whether one of a set of messages came surely before this one; `first` gives the first of the set in a block. Within a
    /// block only its own messages count.
    func hasEarlier(
        than message: Int,
        isWithinBlock: Bool = false,
        first: (_ block: Int) -> Int?
    ) -> Bool {
        if let first = first(block(of: message)), first < message { return true }
        guard !isWithinBlock else { return false }
        // The message before a run is of a block with a lower number, so this ends.
        var at = run(of: message)?.before
        while let here = at {
            if let first = first(block(of: here)), first <= here { return true }
            at = run(of: here)?.before
        }
        return false
    }

    /// Whether one of a set of messages came surely after this one; `last` gives the last of the set in a block.
    func hasLater(
        than message: Int,
        isWithinBlock: Bool = false,
        last: (_ block: Int) -> Int?
    ) -> Bool {
        if let last = last(block(of: message)), last > message { return true }
        guard !isWithinBlock else { return false }
        var at = run(of: message)?.after
        while let here = at {
            if let last = last(block(of: here)), last >= here { return true }
            at = run(of: here)?.after
        }
        return false
    }

    /// Some messages that came shortly before this one, the latest first.
    func recent(before message: Int, count: Int) -> [Int] {
        let run = run(of: message)
        var recent: [Int] = []
        var at = message
        while recent.count < count, at > run?.first ?? 0 {
            at -= 1
            recent.append(at)
        }
        at = (run?.before ?? -1) + 1
        while recent.count < count, at > 0 {
            at -= 1
            recent.append(at)
        }
        return recent
    }

    // MARK: - Making it

    /// Takes a track into account that has messages of its own.
    ///
    /// - Parameters:
    ///   - numbers: of its messages, in its order; below 0 for one more of a message that it had before.
    ///   - known: how many messages were known before; the others are new.
    mutating func append(_ numbers: [Int32], newFrom known: Int) {
        blockStarts.append(known)
        var before: Int?
        var isInRun = false
        for number in numbers where number >= 0 {
            let message = Int(number)
            if message < known {
                if isInRun { runs[runs.count - 1].after = message }
                isInRun = false
                before = message
            } else if !isInRun {
                isInRun = true
                runs.append(Run(first: message, before: before))
            }
        }
    }

    private func run(of message: Int) -> Run? {
        let count = Self.count(of: runs, upTo: message) { $0.first }
        return count > 0 ? runs[count - 1] : nil
    }

    /// How many elements begin at a message or before, where they are in rising order.
    private static func count<Element>(
        of elements: [Element],
        upTo message: Int,
        start: (Element) -> Int
    ) -> Int {
        var low = 0
        var high = elements.count
        while low < high {
            let middle = (low + high) / 2
            if start(elements[middle]) <= message { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
