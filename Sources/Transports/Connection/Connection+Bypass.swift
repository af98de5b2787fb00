import NIOCore
import ZMTP

/// Messages that go beside the stream, between two sockets of one process.
extension Connection {
    /// Offers the peer a way beside the stream, after all that was sent. `false`: this connection is none for it, since the peer is not in this
    /// process, or what is sent is encrypted or written anew on its way.
    package func offer(_ bypass: any StreamBypass) -> Bool {
        loop.assertInEventLoop()
        guard mayBypass, outbox.isEmpty, stream.offer(bypass) else { return false }
        sentBeside.begin(bypass)
        return true
    }

    package func handleOffer(_ bypass: any StreamBypass) {
        loop.assertInEventLoop()
        guard mayBypass, messageSpill.readableBytes == 0,
            handler?.connection(self, isOffered: bypass) ?? false
        else { return bypass.end() }
        receivedBeside.begin(bypass)
    }

    /// What has passed; `nil` while there is no peer.
    package var statistics: PeerStatistics? {
        guard let peer else { return nil }
        var (received, outgoing) = (received, outbox.counters)
        received.add(receivedBeside.settledTraffic)
        outgoing.addSent(sentBeside.settledTraffic)
        return PeerStatistics(
            ends: ends,
            endpoint: dialledEndpoint,
            peer: peer,
            received: received,
            outgoing: outgoing,
            roundTrip: session.roundTrip
        )
    }

    private var mayBypass: Bool {
        session.isOpen && session.protection == nil && session.readsInPlace
            && !outbox.writesAnew
    }
}

/// What has gone beside a stream, one way.
struct BypassAccount {
    private var gone = TrafficCount()
    private var current: (any StreamBypass)?

    /// The one before has ended.
    mutating func begin(_ bypass: any StreamBypass) {
        gone = traffic
        current = bypass
    }

    /// Once what can go has gone.
    var settledTraffic: TrafficCount {
        current?.advance()
        return traffic
    }

    private var traffic: TrafficCount {
        var traffic = gone
        if let current { traffic.add(current.traffic) }
        return traffic
    }
}

extension OutboxCounters {
    /// Counts what went beside the stream: it is handed over when it is taken, so that nothing waits and nothing is dropped.
    mutating func addSent(_ traffic: TrafficCount) {
        takenMessageCount += traffic.messageCount
        sentMessageCount += traffic.messageCount
        sentByteCount += traffic.byteCount
    }
}
