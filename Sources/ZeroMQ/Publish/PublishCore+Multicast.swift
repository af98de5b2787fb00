import Vocabulary
import NIOCore
import Transports

extension PublishCore: MulticastHost {
    func openMulticast(
        _ link: MulticastLink,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws(EndpointError) {
        home.assertInEventLoop()
        // A second source for one group would deliver everything twice.
        guard !sources.contains(where: { $0.link.endpoint == link.endpoint }) else { return }
        let source = try MulticastSource(
            link,
            queueLimit: queueLimit,
            loop: home,
            observe: observe
        )
        source.setCongestionHandler { [weak self] in self?.handleCongestion() }
        endLink()
        sources.append(source)
    }

    func closeMulticast(_ endpoint: Endpoint, linger: Duration?) -> EventLoopFuture<Void>? {
        home.assertInEventLoop()
        guard let index = sources.firstIndex(where: { $0.link.endpoint == endpoint }) else {
            return nil
        }
        let source = sources.remove(at: index)
        droppedByGone += source.counters.droppedMessageCount
        handleCongestion()
        return source.finish(linger: linger)
    }

    func closeMulticast(linger: Duration?) -> EventLoopFuture<Void> {
        home.assertInEventLoop()
        let ends = sources.map { $0.finish(linger: linger) }
        // They stay in the list, so that what they drop while closing is still counted.
        return EventLoopFuture.andAllComplete(ends, on: home)
    }
}
