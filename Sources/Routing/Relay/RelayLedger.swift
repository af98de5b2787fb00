public import Vocabulary

/// The account of the messages that entered a relay, each counted once as it comes and once as it goes on.
///
///     received ══ routed: to one receiver or more, or towards the parent
///               + filtered: nobody wanted it
///               + dropped as it arrived, under a reason
///
/// Counts are taken for runs, not for messages. What becomes of each delivery of a routed message is the account of the queue
/// that it is for.
public struct RelayLedger: Equatable, Sendable {
    public private(set) var receivedMessageCount = 0
    public private(set) var receivedByteCount = 0
    public private(set) var routedMessageCount = 0
    public private(set) var filteredMessageCount = 0
    public private(set) var drops = DropCounts()

    public init() {}

    /// Messages of which nothing is known: none, unless counting is wrong.
    public var unaccountedMessageCount: Int {
        abs(receivedMessageCount - routedMessageCount - filteredMessageCount - drops.total)
    }

    public mutating func receive(messageCount: Int, byteCount: Int) {
        receivedMessageCount += messageCount
        receivedByteCount += byteCount
    }

    /// A run was offered to those below; `filteredMessageCount` of it matched nobody.
    public mutating func route(messageCount: Int, filteredMessageCount: Int = 0) {
        routedMessageCount += messageCount - filteredMessageCount
        self.filteredMessageCount += filteredMessageCount
    }

    public mutating func drop(_ messageCount: Int, _ reason: DropReason) {
        drops.add(messageCount, reason)
    }
}
