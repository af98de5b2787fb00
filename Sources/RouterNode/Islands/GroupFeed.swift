import NIOCore
import PGM
import Routing
import Transports

/// A group that the relay hears: its parent's messages of one tree, or a publisher's.
///
///     waiting ── first source ──▶ receiving ◀── a source ──▶ silent (every source is gone)
///        │                                                      │
///        └──────── parent connected, nothing heard ─────────────┴──▶ tcp (the group is left for good)
///
/// Home loop only.
final class GroupFeed: @unchecked Sendable {
    enum Purpose {
        /// The parent's messages, by a segment.
        case parent(segment: String)
        /// A publisher's messages for the tree.
        case publisher
    }

    enum State: String {
        case waiting, receiving, silent, tcp
    }

    let tree: TreeID
    let purpose: Purpose
    let endpoint: String
    var state = State.waiting
    /// `nil` before the start and after the change to TCP.
    var receiver: MulticastReceiver?
    /// The receiver does not keep it alive.
    var port: GroupPort?
    var sources: [MulticastPeer] = []
    var messageCount = 0
    var byteCount = 0
    var lossCount = 0
    var lostPacketCount = 0
    /// Whether it is read from; see `Relay.Gates`.
    var isReading = true

    init(tree: TreeID, purpose: Purpose, endpoint: String) {
        self.tree = tree
        self.purpose = purpose
        self.endpoint = endpoint
    }

    var isParent: Bool { segment != nil }

    var segment: String? {
        switch purpose {
        case .parent(let segment): segment
        case .publisher: nil
        }
    }

    func status(treeName: String) -> NodeStatus.Island {
        var status = NodeStatus.Island(
            tree: treeName,
            segment: segment,
            role: isParent ? "member" : "publisher",
            endpoint: endpoint,
            state: state.rawValue
        )
        status.messages = messageCount
        status.bytes = byteCount
        status.losses = lossCount
        status.lostPackets = lostPacketCount
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
