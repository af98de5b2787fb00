import NIOCore
import PGM
import Routing
import Transports

/// A group that the relay hears: its parent's messages of one tree, or a publisher's. The instance knows its state; this is
/// the receiver, and what only an operator wants to know.
///
/// Home loop only.
final class GroupFeed: @unchecked Sendable {
    let tree: TreeID
    let purpose: RelaySetup.HeardGroup.Purpose
    /// The segment of a parent's group; `nil` for a publisher's group, which does not belong to one.
    let segment: String?
    let endpoint: String
    /// `nil` before the start, and after the group has been left.
    var receiver: MulticastReceiver?
    /// Kept here because the receiver only holds it weakly.
    var port: GroupPort?
    var sources: [MulticastPeer] = []

    init(
        tree: TreeID,
        purpose: RelaySetup.HeardGroup.Purpose,
        segment: String? = nil,
        endpoint: String
    ) {
        self.tree = tree
        self.purpose = purpose
        self.segment = segment
        self.endpoint = endpoint
    }

    func leave() {
        receiver?.close()
        receiver = nil
    }

    func status(_ state: GroupState, treeName: String) -> NodeStatus.Island {
        var status = NodeStatus.Island(
            tree: treeName,
            segment: segment,
            role: purpose == .parent ? "member" : "publisher",
            endpoint: endpoint,
            state: state.phase.rawValue
        )
        status.messages = state.messageCount
        status.bytes = state.byteCount
        status.losses = state.lossCount
        status.lostPackets = state.lostPacketCount
        status.sources = sources.map {
            .init(session: $0.sessionID.description, address: $0.address)
        }
        if let counters = receiver?.receiverCounters {
            status.dataPackets = counters.odataPackets
            status.repairPackets = counters.recoveredPackets + counters.reconstructedPackets
            status.naks = counters.nakPackets
        }
        return status
    }
}
