import NIOCore
import PGM
import Routing
import Transports

/// Passes the events of one group to the relay, on its home loop.
final class GroupPort: MulticastReceiverHandler, @unchecked Sendable {
    private weak var relay: Relay?
    // Not the feed, which owns this port: the two would keep each other alive.
    private let group: GroupID

    init(relay: Relay, group: GroupID) {
        self.relay = relay
        self.group = group
    }

    func receiver(
        _ receiver: MulticastReceiver,
        didReceive run: ByteBuffer,
        messageCount: Int,
        from source: MulticastPeer
    ) {
        relay?.handleGroupRun(run, messageCount: messageCount, from: group)
    }

    func receiver(_ receiver: MulticastReceiver, didLose loss: MulticastLoss) {
        relay?.handleGroupLoss(loss, at: group)
    }

    func receiverDidEndRead(_ receiver: MulticastReceiver) {
        relay?.flush()
    }

    /// Called on the receiver's loop, which is the relay's home.
    func handle(_ event: SocketEvent) {
        guard let relay else { return }
        relay.log.write(event)
        guard case .multicast(_, let event) = event else { return }
        switch event {
        case .sourceAppeared(let source): relay.handleSourceAppeared(source, at: group)
        case .sourceFinished(let source), .sourceReset(let source, _), .sourceExpired(let source):
            relay.handleSourceGone(source, at: group)
        case .opened, .smallBuffer, .loss, .refused, .unsent, .interrupted, .reopened,
            .closed:
            break
        }
    }
}
