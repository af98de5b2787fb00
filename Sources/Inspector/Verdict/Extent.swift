/// Between which messages a target was surely listening: by the order of the messages, so that clocks do not matter.
struct Extent {
    /// Where a message stands among those that the target had.
    enum Place {
        case between, before, after
        /// Nothing ties it to any of them.
        case elsewhere
    }

    private let order: MessageOrder
    /// By block; `nil` where it had none.
    private var firsts: [Int?]
    private var lasts: [Int?]

    /// That others had a message because of the target says nothing of when the target's own captures ran. Messages whose content occurs more than once count only where time tells which they are.
    init(of target: VerdictTarget, _ matching: MessageMatching) {
        order = matching.order
        firsts = Array(repeating: nil, count: max(1, order.blockCount))
        lasts = firsts
        for message in 0..<matching.count
        where target.wasSeen(message) && (target.isTimed || !matching.matcher.isRepeated(message)) {
            let block = order.block(of: message)
            firsts[block] = firsts[block] ?? message
            lasts[block] = message
        }
    }

    /// `isWithinBlock`: only messages of the same block count.
    func place(of message: Int, isWithinBlock: Bool = false) -> Place {
        let isBegun = order.hasEarlier(than: message, isWithinBlock: isWithinBlock) { firsts[$0] }
        let isContinued = order.hasLater(than: message, isWithinBlock: isWithinBlock) { lasts[$0] }
        return switch (isBegun, isContinued) {
        case (true, true): .between
        case (false, true): .before
        case (true, false): .after
        case (false, false): .elsewhere
        }
    }
}
