import ZeroMQ

/// Every option and event of the sockets, with `import ZeroMQ` alone.
enum Sockets {
    static func options(key: [UInt8]?) throws(SealKeyError) -> SocketOptions {
        let seal: SealKeyring? = if let key { try SealKeyring(key: key) } else { nil }
        return SocketOptions { options in
            options.linger = .seconds(1)
            options.queueLimit = QueueLimit(messageCount: 10_000, byteCount: 1 << 20)
            options.overflow = OverflowPolicy.disconnect
            options.peerLimits = PeerLimits()
            options.heartbeat = HeartbeatOptions()
            options.verbosity = SubscriptionVerbosity.everything
            options.properties = Metadata()
            options.multicast = MulticastOptions {
                $0.parity = ParityOptions(groupSize: 8)
                $0.seal = seal
                $0.hops = 4
            }
        }
    }

    static func publish() async throws -> Endpoint {
        let publisher = Publisher(options: try options(key: nil))
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        try await publisher.waitForSubscribers(2, to: "weather.oslo", timeout: .seconds(5))
        for number in 0..<3 {
            publisher.send("w.\(number)")
            publisher.send(["w.\(number)", "x"])
        }
        await publisher.close()
        return endpoint
    }

    static func subscribe(to endpoint: Endpoint) async throws(ZeroMQError) {
        let subscriber = Subscriber()
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "weather.")
        while let message = try await subscriber.receive(timeout: .seconds(1)) {
            print(message[0].text, message.frame(at: 1) ?? "none", try message[checked: 0])
        }
        print(endpoint.port ?? 0)
        print(endpoint.scheme.isMulticast ? await subscriber.repairTimes().count : 0)
    }

    static func news(of publisher: XPublisher) async {
        for await case .subscribed(let topic) in publisher.news { print(topic) }
    }

    static func watch(_ socket: Socket) async {
        for await event in socket.events { print(text(event)) }
    }

    static func text(_ event: SocketEvent) -> String {
        switch event {
        case .listening(let endpoint), .stoppedListening(let endpoint): endpoint.address
        case .acceptPaused(_, let pause): text(pause.shortage)
        case .acceptResumed(let endpoint): endpoint.address
        case .opened(let peer, _): peer.remote
        case .established(let peer, let remote):
            "\(peer): \(remote.socketType.rawValue) \(SocketType.sub.accepts(remote.socketType))"
        case .disconnected(let peer, let reason): "\(peer): \(text(reason))"
        case .retrying(let endpoint, let reason, let wait): "\(endpoint.scheme) \(reason) \(wait)"
        case .gaveUp(let endpoint, let reason), .bindFailed(let endpoint, let reason),
            .acceptFailed(let endpoint, let reason), .closeFailed(let endpoint, let reason):
            "\(endpoint) \(reason)"
        case .dialling(let endpoint): endpoint.address
        case .statistics(let statistics): text(statistics)
        case .multicast(_, let event): text(event)
        }
    }

    private static func text(_ peer: PeerStatistics) -> String {
        let (received, outgoing): (TrafficCount, OutboxCounters) = (peer.received, peer.outgoing)
        let roundTrip: RoundTripTime? = peer.roundTrip
        let drops: DropCounts = outgoing.drops
        return "\(received.byteCount) \(drops.total) \(roundTrip?.smoothed ?? .zero)"
    }

    /// In a thread of its own.
    static func pull(from sources: [Puller]) throws {
        let poller = Poller()
        for source in sources { try poller.add(source) }
        for event in try poller.wait(timeout: .zero) where event.readiness.contains(.receive) {
            guard let source = event.socket as? Puller else { continue }
            let message = try Blocking(source).receive()
            print(source.properties(of: message)?.text("User-Id") ?? "")
        }
    }

    private static func text(_ shortage: AcceptPause.Shortage) -> String {
        switch shortage {
        case .descriptors(let usedCount, let limit): "\(usedCount) of \(limit)"
        case .systemDescriptors, .memory: shortage.description
        }
    }

    private static func text(_ reason: DisconnectReason) -> String {
        switch reason {
        case .handshake(let failure): failure.description
        case .framing(let violation): violation.description
        case .stalled(let stall): stall == .notReading ? "full" : "in the middle"
        case .limit(let limit): limit.rawValue
        default: reason.description
        }
    }

    private static func text(_ event: MulticastEvent) -> String {
        switch event {
        case .loss(let loss):
            "\(loss.source.sessionID): \(loss.packetCount) from \(loss.firstSequence)"
        default: event.description
        }
    }

    static func refusal(of text: String) -> String? {
        do {
            _ = try Endpoint(text)
            return nil
        } catch {
            return error.problem
        }
    }
}
