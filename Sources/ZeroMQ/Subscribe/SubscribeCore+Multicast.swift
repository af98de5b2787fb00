import DataPlane
import Vocabulary
import NIOCore
import Transports

extension SubscribeCore: MulticastHost {
    func openMulticast(
        _ link: MulticastLink,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws(EndpointError) {
        home.assertInEventLoop()
        guard !receivers.contains(where: { $0.link.endpoint == link.endpoint }) else { return }
        let receiver = try MulticastReceiver(
            link,
            messageByteCountMax: messageByteCountMax,
            loop: home,
            handler: self,
            observe: observe
        )
        if isPaused { receiver.setReading(false) }
        receivers.append(receiver)
    }

    func closeMulticast(_ endpoint: Endpoint, linger: Duration?) -> EventLoopFuture<Void>? {
        home.assertInEventLoop()
        guard let index = receivers.firstIndex(where: { $0.link.endpoint == endpoint }) else {
            return nil
        }
        receivers.remove(at: index).close()
        return home.makeSucceededVoidFuture()
    }

    func closeMulticast(linger: Duration?) -> EventLoopFuture<Void> {
        home.assertInEventLoop()
        for receiver in receivers { receiver.close() }
        receivers = []
        return home.makeSucceededVoidFuture()
    }
}

extension SubscribeCore: MulticastReceiverHandler {
    func receiver(
        _ receiver: MulticastReceiver,
        didReceive run: ByteBuffer,
        messageCount: Int,
        from source: MulticastPeer
    ) {
        receive(run, messageCount: messageCount, from: .none)
    }

    func receiver(_ receiver: MulticastReceiver, didLose loss: MulticastLoss) {
        mailbox.append(loss)
    }

    func receiverDidEndRead(_ receiver: MulticastReceiver) {}
}
