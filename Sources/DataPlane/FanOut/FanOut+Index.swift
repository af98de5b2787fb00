package import Vocabulary
package import NIOCore
package import Patterns
import Wire

extension FanOut {
    /// Delivers every message of the run to those whose subscriptions match it.
    ///
    /// Consecutive messages with one matched set go as one run; with a single subscription to everything, the whole read
    /// goes as it is and no message is looked at. Returns how many messages nobody wanted.
    @discardableResult
    package func distribute(
        _ run: ByteBuffer,
        messageCount: Int,
        by index: inout SubscriptionIndex,
        policy: OverflowPolicy
    ) -> Int {
        guard index.topicCount > 0 else { return messageCount }
        return run.withUnsafeReadableBytes { bytes in
            if index.topicCount == 1,
                let everything = index.match(UnsafeRawBufferPointer(start: nil, count: 0))
            {
                deliver(
                    run,
                    bytes,
                    0..<bytes.count,
                    messageCount: messageCount,
                    policy: policy,
                    to: index.matchedSet(of: everything)
                )
                return 0
            }
            return distributeByTopic(run, bytes, by: &index, policy)
        }
    }

    private func distributeByTopic(
        _ run: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        by index: inout SubscriptionIndex,
        _ policy: OverflowPolicy
    ) -> Int {
        var walker = MessageWalker(bytes)
        var current: TerminalID?
        var start = 0
        var count = 0
        var unwantedCount = 0
        while walker.next() {
            let terminal = index.match(UnsafeRawBufferPointer(rebasing: bytes[walker.topic]))
            if terminal != current {
                if let current {
                    deliver(
                        run,
                        bytes,
                        start..<walker.start,
                        messageCount: count,
                        policy: policy,
                        to: index.matchedSet(of: current)
                    )
                } else {
                    unwantedCount += count
                }
                current = terminal
                start = walker.start
                count = 0
            }
            count += 1
        }
        guard let current else { return unwantedCount + count }
        deliver(
            run,
            bytes,
            start..<walker.end,
            messageCount: count,
            policy: policy,
            to: index.matchedSet(of: current)
        )
        return unwantedCount
    }
}
