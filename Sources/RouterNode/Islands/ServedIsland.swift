import NIOCore
import PGM
import Patterns
import Routing
import Transports

/// A segment that the relay serves: the one source through which everything in a tree goes to a group.
///
/// Its queue is bounded like a subscriber's, and the tree's overflow policy decides at the limit. Home loop only.
final class ServedIsland: @unchecked Sendable {
    let tree: TreeID
    let configuration: RelayConfiguration.Island
    let source: MulticastSource

    init(tree: TreeID, configuration: RelayConfiguration.Island, source: MulticastSource) {
        self.tree = tree
        self.configuration = configuration
        self.source = source
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
