import NIOCore
import PGM
import Transports

/// Brings the news of one group to the relay, on its home loop.
final class GroupPort: MulticastReceiverHandler, @unchecked Sendable {
    private weak var relay: Relay?
    private let feed: GroupFeed

    init(relay: Relay, feed: GroupFeed) {
        self.relay = relay
        self.feed = feed
    }

    func receiver(
        _ receiver: MulticastReceiver,
        didReceive run: ByteBuffer,
        messageCount: Int,
        from source: MulticastPeer
    ) {
        relay?.handleGroupRun(run, messageCount: messageCount, from: feed)
    }

    func receiver(_ receiver: MulticastReceiver, didLose loss: MulticastLoss) {
        relay?.handleGroupLoss(loss, at: feed)
    }

    func receiverDidEndRead(_ receiver: MulticastReceiver) {
        relay?.flush()
    }

    /// Called on the receiver's loop, which is the relay's home.
    func handle(_ event: SocketEvent) {
        guard let relay else { return }
        RelayLog.write(event, to: relay.logger)
        guard case .multicast(_, let event) = event else { return }
        switch event {
        case .sourceAppeared(let source): relay.handleSourceAppeared(source, at: feed)
        case .sourceFinished(let source), .sourceReset(let source, _), .sourceExpired(let source):
            relay.handleSourceGone(source, at: feed)
        case .opened, .smallBuffer, .loss, .refused, .unsent, .interrupted, .reopened,
            .closed:
            break
        }
    }
}
