/// Between which messages of each block a target was surely listening: by the order of the messages, so that clocks do not matter.
struct Extent {
    /// Where a message stands among those of its block that the target had.
    enum Place {
        case between, before, after
        /// It had none of the block.
        case elsewhere
    }

    private var firsts: [Int]
    private var lasts: [Int]

    /// That others had a message because of the target says nothing of when the target's own captures ran. Messages whose content occurs more than once count only where time tells which they are.
    init(of target: VerdictTarget, _ matching: MessageMatching) {
        let starts = matching.blockStarts
        firsts = Array(repeating: .max, count: max(1, starts.count))
        lasts = Array(repeating: -1, count: max(1, starts.count))
        var block = 0
        for message in 0..<matching.count {
            while block + 1 < starts.count, starts[block + 1] <= message { block += 1 }
            guard target.wasSeen(message), target.isTimed || !matching.matcher.isRepeated(message)
            else { continue }
            firsts[block] = min(firsts[block], message)
            lasts[block] = message
        }
    }

    func place(of message: Int, in block: Int) -> Place {
        guard lasts[block] >= 0 else { return .elsewhere }
        if message < firsts[block] { return .before }
        return message > lasts[block] ? .after : .between
    }
}
