import Vocabulary
import NIOCore
import Transports

extension PublishCore: MulticastHost {
    func openMulticast(
        _ link: MulticastLink,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws(EndpointError) {
        // Twice to one group would reach every receiver twice.
        guard !sources.contains(where: { $0.link.endpoint == link.endpoint }) else { return }
        let source = try MulticastSource(
            link,
            queueLimit: queueLimit,
            loop: home,
            observe: observe
        )
        source.setCongestionHandler { [weak self] in self?.handleCongestion() }
        sources.append(source)
    }

    func closeMulticast(_ endpoint: Endpoint, linger: Duration?) -> EventLoopFuture<Void>? {
        guard let index = sources.firstIndex(where: { $0.link.endpoint == endpoint }) else {
            return nil
        }
        let source = sources.remove(at: index)
        droppedByGone += source.counters.droppedMessageCount
        handleCongestion()
        return source.finish(linger: linger)
    }

    func closeMulticast(linger: Duration?) -> EventLoopFuture<Void> {
        let ends = sources.map { $0.finish(linger: linger) }
        // They are still counted: what they drop in their last moments, too.
        return EventLoopFuture.andAllComplete(ends, on: home)
    }
}
