import Patterns
import ZeroMQ

/// Publishes at one leaf of a running fleet, subscribes at every node, and says what arrived.
///
///     connect ─▶ probe until every node has heard one ─▶ publish, counted ─▶ wait for the rest ─▶ report
///
/// A subscription travels up the tree hop by hop; a probe that arrives shows that it is in force all the way.
struct Demo: Sendable {
    struct Options: Sendable {
        /// Of the counted part.
        var duration = Duration.seconds(10)
        /// Messages per second.
        var rate = 1_000
        /// Of one message; a little more when the topic is long.
        var byteCount = 64

        var messageCount: Int {
            let seconds = duration / .seconds(1)
            return max(1, Int((seconds * Double(rate)).rounded()))
        }
    }

    let fleet: FleetState
    let tree: FleetState.Tree
    let publishingNode: FleetState.Node
    let options: Options
    /// A line that says how far it is.
    let progress: @Sendable (String) async -> Void

    /// Takes the first tree, and its first leaf in the topology's order.
    init(
        fleet: FleetState,
        options: Options,
        progress: @escaping @Sendable (String) async -> Void
    ) throws(CommandError) {
        guard let tree = fleet.trees.first, let leaf = fleet.leaves(of: tree).first else {
            throw .badInput("the plan has no tree to publish in")
        }
        self.fleet = fleet
        self.tree = tree
        self.options = options
        self.progress = progress
        publishingNode = try fleet.node(named: leaf)
    }

    private var topic: String { (tree.topics.first ?? "") + "xylem." }

    func run() async throws -> DemoReport {
        var subscribers: [DemoSubscriber] = []
        for seat in tree.seats {
            subscribers.append(
                try await DemoSubscriber(node: try fleet.node(named: seat.node), topic: topic)
            )
        }
        let publisher = Publisher(options: SocketOptions { $0.overflow = .block })
        try await publisher.connect(publishingNode.publishers)
        return try await withThrowingTaskGroup(of: Void.self) { [subscribers] group in
            for subscriber in subscribers { group.addTask { await subscriber.run() } }
            defer { group.cancelAll() }
            try await probe(publisher, subscribers)
            try await publish(publisher, subscribers)
            await publisher.close()
            try await awaitRest(subscribers)
            return report(subscribers)
        }
    }

    private func probe(_ publisher: Publisher, _ subscribers: [DemoSubscriber]) async throws {
        var number = 0
        let deadline = ContinuousClock.now + Self.probeTimeMax
        while true {
            let deaf = subscribers.filter { !$0.hasHeardProbe }
            guard let first = deaf.first else { return }
            guard ContinuousClock.now < deadline else {
                throw CommandError.failure(
                    "no message reaches \(Figures.plural(deaf.count, "node")), \(first.node.id) for one, "
                        + "\(Self.probeTimeMax.components.seconds) s after the start"
                )
            }
            await progress(
                "subscriptions in force at \(subscribers.count - deaf.count) of "
                    + Figures.plural(subscribers.count, "node")
            )
            publisher.send(message(.probe, number))
            number += 1
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    private func publish(_ publisher: Publisher, _ subscribers: [DemoSubscriber]) async throws {
        let (clock, count) = (ContinuousClock(), options.messageCount)
        let start = clock.now
        var (sent, nextProgress) = (0, start)
        while sent < count {
            let elapsed = (clock.now - start) / .seconds(1)
            let due = min(count, Int(elapsed * Double(options.rate)) + 1)
            while sent < due {
                try await publisher.sendWaiting(message(.counted, sent))
                sent += 1
            }
            if clock.now >= nextProgress {
                nextProgress += Self.progressInterval
                let slowest = subscribers.min { $0.receivedCount < $1.receivedCount }
                await progress(
                    "published \(Figures.count(sent)) of \(Figures.count(count)) messages"
                        + (slowest.map {
                            ", \(Figures.count($0.receivedCount)) at \($0.node.id), the slowest"
                        }
                            ?? "")
                )
            }
            let next = start + .seconds(Double(sent) / Double(options.rate))
            if sent < count { try await clock.sleep(until: next, tolerance: .zero) }
        }
    }

    /// Goes on as long as anything arrives.
    private func awaitRest(_ subscribers: [DemoSubscriber]) async throws {
        let count = options.messageCount
        var (before, deadline) = (-1, ContinuousClock.now)
        while true {
            let behind = subscribers.filter { $0.receivedCount < count }
            if behind.isEmpty { return }
            let received = subscribers.reduce(0) { $0 + $1.receivedCount }
            if received != before {
                (before, deadline) = (received, ContinuousClock.now + Self.silenceMax)
            }
            if ContinuousClock.now >= deadline { return }
            await progress(
                "waiting for the last messages at \(Figures.plural(behind.count, "node"))"
            )
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private func report(_ subscribers: [DemoSubscriber]) -> DemoReport {
        DemoReport(
            tree: tree.name,
            publisher: publishingNode.id,
            nodes: subscribers.map {
                DemoReport.Node($0.node, sent: options.messageCount, tally: $0.tally)
            }
        )
    }

    private func message(_ kind: DemoMessage.Kind, _ number: Int) -> Message {
        Message(
            DemoMessage(kind: kind, number: number, sentAt: DemoClock.now)
                .encoded(topic: Array(topic.utf8), byteCount: options.byteCount)
        )
    }

    /// A relay that lost its parent tries again within 5 s, and there may be many hops.
    private static let probeTimeMax = Duration.seconds(60)
    private static let progressInterval = Duration.milliseconds(500)
    /// After so long without an arrival the rest counts as missing.
    private static let silenceMax = Duration.seconds(5)
}
