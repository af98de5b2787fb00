import DataPlane
import NIOCore
import Patterns
import Transports
import Wire

/// An XPUB whose application decides what subscribers get (`ZMQ_XPUB_MANUAL`).
extension PublishCore {
    /// News, whatever comes of it.
    func handleRequest(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        from connection: Connection,
        _ id: SubscriberID
    ) {
        let change = requests.handle(topic, isSubscribe: isSubscribe, by: id)
        guard change != .overLimit else { return connection.close(.limit(.subscriptions)) }
        let news: SubscriptionNews =
            isSubscribe ? .subscribed(topic: Array(topic)) : .cancelled(topic: Array(topic))
        offer(news.encoded, from: connection)
    }

    /// All that the subscriber had asked for is cancelled.
    func reportEnd(of connection: Connection, _ id: SubscriberID) {
        let peer = PeerID(connection)
        requests.remove(peer, id) { topic in
            let news = SubscriptionNews.cancelled(topic: Array(topic))
            inbox?.append(news.encoded, messageCount: 1, from: peer)
        }
        inbox?.detach(peer)
    }

    /// Gives a subscriber a topic, or takes it back; `false` when the subscriber is gone.
    func grant(_ topic: [UInt8], isGrant: Bool, to peer: PeerID) -> EventLoopFuture<Bool> {
        home.submit {
            guard !self.isFinished else { throw ZeroMQError.closed }
            guard let id = self.requests.subscriber(peer) else { return false }
            if self.behaviour.sendsToLast, isGrant {
                // What was sent before goes to those who were there before.
                while let chunk = self.queue.take() { self.distribute(chunk) }
                self.flush()
                self.audience.setLast(id)
            }
            topic.withUnsafeBytes {
                _ = self.audience.change($0, isSubscribe: isGrant, by: id)
            }
            self.settleWaits()
            return true
        }
    }
}
