package import NIOCore
package import Patterns
import Transports
import Wire

/// What the children of one tree's link want. One index for all of them: a message is looked at once, however many children there are.
package final class LinkInterest {
    private var index = SubscriptionIndex()
    /// Rises with every change; what was sorted before is sorted anew.
    private var generation: UInt64 = 1
    /// Children that hold the empty topic.
    private var takers: [SubscriberID] = []
    private var freeIDs: [UInt32] = []
    private var idCount: UInt32 = 0

    package init() {}

    package func makeChild() -> SubscriberID {
        if let id = freeIDs.popLast() { return SubscriberID(id) }
        defer { idCount += 1 }
        return SubscriberID(idCount)
    }

    package func remove(_ child: SubscriberID) {
        index.removeSubscriber(child) { _ in }
        takers.removeAll { $0 == child }
        generation += 1
        freeIDs.append(child.rawValue)
    }

    package func subscribe(_ topic: [UInt8], by child: SubscriberID) {
        if topic.isEmpty, !takers.contains(child) { takers.append(child) }
        _ = topic.withUnsafeBytes { index.subscribe($0, by: child) }
        generation += 1
    }

    package func cancel(_ topic: [UInt8], by child: SubscriberID) {
        if topic.isEmpty { takers.removeAll { $0 == child } }
        _ = topic.withUnsafeBytes { index.cancel($0, by: child) }
        generation += 1
    }

    func isEverything(for child: SubscriberID) -> Bool { takers.contains(child) }

    func isWanted(_ terminal: TerminalID, by child: SubscriberID) -> Bool {
        index.matchedSet(of: terminal).contains(child)
    }

    /// Finds out whom its messages are for, unless that is known.
    func sort(_ run: inout RunStore.Run) {
        guard run.stretches?.generation != generation else { return }
        var list: [RunStore.Stretches.Stretch] = []
        run.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let terminal = index.match(UnsafeRawBufferPointer(rebasing: bytes[walker.topic]))
                if let last = list.last, last.terminal == terminal {
                    list[list.count - 1].messageCount += 1
                    list[list.count - 1].octets = last.octets.lowerBound..<walker.end
                } else {
                    list.append(
                        .init(
                            messageCount: 1,
                            octets: walker.start..<walker.end,
                            terminal: terminal
                        )
                    )
                }
            }
        }
        run.stretches = .init(generation: generation, list: list)
    }

    /// The messages of a buffer that begin with one of these topics, in stretches, by their place in it.
    package static func stretches(
        of buffer: ByteBuffer,
        wanting topics: [[UInt8]]
    ) -> [(before: Int, messageCount: Int, octets: ByteBuffer)] {
        var list: [(before: Int, messageCount: Int, range: Range<Int>)] = []
        buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            var place = 0
            while walker.next() {
                defer { place += 1 }
                let topic = bytes[walker.topic]
                guard topics.contains(where: { topic.starts(with: $0) }) else { continue }
                if let last = list.last, last.before + last.messageCount == place {
                    list[list.count - 1].messageCount += 1
                    list[list.count - 1].range = last.range.lowerBound..<walker.end
                } else {
                    list.append((place, 1, walker.start..<walker.end))
                }
            }
        }
        return list.map { ($0.before, $0.messageCount, buffer.slice($0.range)) }
    }
}
