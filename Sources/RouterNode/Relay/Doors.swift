import Vocabulary

/// What a relay listens at, once it is bound.
struct Doors: Sendable {
    var publishers: [RelaySockets.Bound] = []
    var subscribers: [RelaySockets.Bound] = []

    /// Where others find the relay.
    func endpoints(_ configuration: RelayConfiguration) throws -> Relay.Endpoints {
        Relay.Endpoints(
            publishers: try publishers.first?.told ?? Endpoint(configuration.publishers.told),
            subscribers: try subscribers.first?.told ?? Endpoint(configuration.subscribers.told)
        )
    }

    var status: [NodeStatus.Listening] {
        Self.status(publishers, "publishers") + Self.status(subscribers, "subscribers")
    }

    private static func status(
        _ doors: [RelaySockets.Bound],
        _ side: String
    ) -> [NodeStatus.Listening] {
        doors.map {
            .init(side: side, bind: "\($0.endpoint)", advertise: "\($0.told)")
        }
    }

    /// Refuses to dial ourselves: each message would go round for ever.
    func check(_ dialled: [DialledPeer]) throws(EndpointError) {
        for peer in dialled {
            let endpoint = try Endpoint(peer.endpoint)
            let isOurs = (publishers + subscribers).contains { $0.isReached(by: endpoint) }
            guard isOurs else { continue }
            throw EndpointError(
                endpoint: peer.endpoint,
                problem: "this relay listens there itself, and its messages would go round for ever"
            )
        }
    }
}
