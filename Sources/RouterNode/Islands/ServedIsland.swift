import DataPlane
import NIOCore
import PGM
import Patterns
import Routing
import Transports
import Vocabulary

/// A segment that the relay serves: the one source through which everything in a tree goes to a group.
///
/// Its queue is bounded like a subscriber's, and the tree's overflow policy decides at the limit. Home loop only.
final class ServedIsland: @unchecked Sendable {
    let tree: TreeID
    let configuration: RelayConfiguration.Island
    let source: MulticastSource
    /// Messages that were to go to the group.
    private var owedMessageCount = 0
    /// Since when its queue has been full.
    private(set) var fullSince: NIODeadline?

    init(tree: TreeID, configuration: RelayConfiguration.Island, source: MulticastSource) {
        self.tree = tree
        self.configuration = configuration
        self.source = source
    }

    func send(_ run: ByteBuffer, messageCount: Int, policy: OverflowPolicy) {
        owedMessageCount += messageCount
        _ = source.append(run, messageCount: messageCount, policy: policy)
    }

    /// The queue has become full, or has room again.
    func noteCongestion() {
        fullSince = source.wantsPause ? fullSince ?? .now() : nil
    }

    var book: DeliveryBook {
        var book = DeliveryBook(owedMessageCount: owedMessageCount, counters: source.counters)
        book.queuedMessageCount = source.queuedMessageCount
        book.queuedByteCount = source.queuedByteCount
        return book
    }

    func status(treeName: String) -> NodeStatus.Island {
        var status = NodeStatus.Island(
            tree: treeName,
            segment: configuration.segment,
            role: "head",
            endpoint: configuration.endpoint,
            state: "serving"
        )
        let (counters, packets) = (source.counters, source.sourceCounters)
        status.messages = counters.sentMessageCount
        status.bytes = counters.sentByteCount
        status.droppedMessages = counters.droppedMessageCount
        status.queuedMessages = source.queuedMessageCount
        status.dataPackets = packets.dataPackets
        status.repairPackets = packets.repairPackets + packets.parityPackets
        status.naks = packets.nakPackets
        status.lostPackets = packets.nakNumbersTooOld
        return status
    }
}
