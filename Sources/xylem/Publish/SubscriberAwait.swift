import ZeroMQ

/// Waits until somebody listens: what is published before that reaches nobody.
///
/// Subscriptions are counted as they arrive. A relay passes on only the first of a topic, so behind one there is nothing to
/// count: where the publisher is at a node of a fleet, its relays are asked instead, and elsewhere more than one
/// subscriber cannot be waited for.
struct SubscriberAwait: Sendable {
    /// How many subscriptions, or subscribers of a fleet.
    var count: Int
    /// What will be published, if that is known: other subscriptions do not count.
    var topic: [UInt8]?

    /// `events` are the publisher's, from before it was attached.
    func run(
        _ publisher: XPublisher,
        _ events: AsyncStream<SocketEvent>,
        at place: AttachPoint
    ) async throws {
        let notice = Task {
            try await Task.sleep(for: Self.patience)
            Diagnostics.report(
                "waiting for \(count == 1 ? "a subscriber" : "\(count) subscribers") at \(place.name) "
                    + "(--no-wait sends at once)"
            )
        }
        defer { notice.cancel() }
        guard count > 1 else { return try await waitForSubscriptions(1, publisher) }
        if let fleet = place.fleet {
            try await waitForSubscriptions(1, publisher)
            return try await waitForSubscribers(of: FleetPoll(fleet))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await waitForSubscriptions(count, publisher) }
            group.addTask { try await refuseRelays(events, at: place) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Whether a subscription to that prefix is for what will be published.
    func matches(_ prefix: [UInt8]) -> Bool {
        topic?.starts(with: prefix) ?? true
    }

    private func waitForSubscriptions(_ count: Int, _ publisher: XPublisher) async throws {
        var seen = 0
        while seen < count {
            if case .subscribed(let prefix) = try await publisher.receive(), matches(prefix) {
                seen += 1
            }
        }
    }

    /// Until the relays have so many subscribers together, whatever those subscribed to.
    private func waitForSubscribers(of poll: FleetPoll) async throws {
        while await poll.report().subscribedCount < count {
            try await Task.sleep(for: Self.pollInterval)
        }
        // A relay knows its subscribers a little before the publisher's relay hears of their topics.
        try await Task.sleep(for: Self.travelTime)
    }

    /// Throws when the other end is a relay; else it goes on until it is cancelled.
    private func refuseRelays(
        _ events: AsyncStream<SocketEvent>,
        at place: AttachPoint
    ) async throws {
        for await case .established(_, let peer) in events {
            guard let node = peer.metadata.text("X-Xylem-Relay") else { continue }
            throw CommandError.badInput(
                "--wait-for \(count): there is a relay at \(place.name) (node '\(node)'), which passes on only the first subscription "
                    + "of a topic, so subscribers cannot be counted behind it; name the node, with --plan or --state where needed, and "
                    + "all relays of its fleet are asked, or use --wait-for 1"
            )
        }
        try await Task.sleep(for: .seconds(Int32.max))
    }

    private static let patience = Duration.milliseconds(500)
    private static let pollInterval = Duration.milliseconds(250)
    private static let travelTime = Duration.milliseconds(300)
}
