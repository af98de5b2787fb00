import Vocabulary
import Logging
import Patterns
import RouterNode
import SocketTestSupport
import Synchronization
import Transports
import ZeroMQ

/// The relays and sockets of one test; all are closed at its end.
final class RelayLab: Sendable {
    private struct State {
        var relays: [Relay] = []
        var sockets: [Socket] = []
        var syncCount = 0
    }

    private let state = Mutex(State())
    let log = RecordedLog()

    /// Runs a test with a lab of its own; the test fails when it takes longer than `limit`.
    static func run(
        limit: Duration = .seconds(60),
        _ body: @escaping @Sendable (RelayLab) async throws -> Void
    ) async throws {
        let lab = RelayLab()
        do {
            try await within("end of the test", limit) { try await body(lab) }
        } catch {
            await lab.close()
            throw error
        }
        await lab.close()
    }

    private func close() async {
        let (relays, sockets) = state.withLock { ($0.relays, $0.sockets) }
        for socket in sockets { await socket.close() }
        for relay in relays { await relay.stop() }
    }

    // MARK: - Relays

    func start(
        _ name: String,
        _ seats: [RelayConfiguration.Seat] = [.init(tree: "t")],
        at place: (publishers: String, subscribers: String) = (anyPort, anyPort),
        configure: (inout RelayConfiguration) -> Void = { _ in }
    ) async throws -> Relay {
        var configuration = RelayConfiguration(
            name: name,
            publishersEndpoint: place.publishers,
            subscribersEndpoint: place.subscribers,
            seats: seats
        )
        configuration.reconnectInitial = .milliseconds(10)
        configuration.reconnectMaximum = .milliseconds(100)
        configuration.drain = .seconds(2)
        configure(&configuration)
        let relay = try await Relay.start(configuration, logger: log.logger(name))
        state.withLock { $0.relays.append(relay) }
        return relay
    }

    /// A chain: the first relay is the root, each other's parent is the one before it.
    func startChain(
        count: Int,
        overflow: OverflowPolicy = .dropNewest,
        configure: (inout RelayConfiguration) -> Void = { _ in }
    ) async throws -> [Relay] {
        var relays: [Relay] = []
        for level in 0..<count {
            var seat = RelayConfiguration.Seat(tree: "t", rank: level, overflow: overflow)
            seat.parent = relays.last.map { .init($0, name: "relay \(level - 1)") }
            relays.append(try await start("relay \(level)", [seat], configure: configure))
        }
        return relays
    }

    // MARK: - Sockets

    /// A publisher that learns what it is asked for, and waits rather than lose anything.
    func publisher(
        at relay: Relay,
        configure: (inout SocketOptions) -> Void = { _ in }
    ) async throws -> XPublisher {
        var options = SocketOptions()
        options.overflow = .block
        options.linger = .seconds(2)
        options.reconnectInitial = .milliseconds(10)
        options.reconnectMaximum = .milliseconds(100)
        configure(&options)
        let publisher = XPublisher(options: options)
        state.withLock { $0.sockets.append(publisher) }
        try await publisher.connect(relay.publishersEndpoint)
        return publisher
    }

    func subscriber(
        at relay: Relay,
        topics: [String],
        configure: (inout SocketOptions) -> Void = { _ in }
    ) async throws -> Subscriber {
        var options = SocketOptions()
        options.reconnectInitial = .milliseconds(10)
        options.reconnectMaximum = .milliseconds(100)
        configure(&options)
        let subscriber = Subscriber(options: options)
        state.withLock { $0.sockets.append(subscriber) }
        try await subscriber.connect(relay.subscribersEndpoint)
        try await subscriber.subscribe(to: topics.map { Array($0.utf8) })
        return subscriber
    }

    /// Returns when what each subscriber has asked for so far is known all the way to each publisher: a topic of its own,
    /// asked for last, goes the same way and cannot overtake.
    func settle(
        _ subscribers: [Subscriber],
        to publishers: [XPublisher],
        prefix: String = ""
    ) async throws {
        var topics: [String] = []
        for subscriber in subscribers {
            let number = state.withLock { state in
                state.syncCount += 1
                return state.syncCount
            }
            topics.append("\(prefix)sync \(number);")
            try await subscriber.subscribe(to: topics[topics.count - 1])
        }
        for publisher in publishers { try await publisher.awaitInterest(in: topics) }
    }

    static let anyPort = "tcp://127.0.0.1:*"

    /// An address that is known before anybody is bound to it.
    static func freeAddress() -> String {
        "ipc://@xylem-test-\(UInt64.random(in: .min ... .max))"
    }
}

extension RelayConfiguration.Parent {
    init(_ relay: Relay, name: String) {
        self.init(
            name: name,
            publishersEndpoint: relay.publishersEndpoint,
            subscribersEndpoint: relay.subscribersEndpoint
        )
    }
}

extension Relay {
    var publishersEndpoint: String { endpoints?.publishers.description ?? "" }
    var subscribersEndpoint: String { endpoints?.subscribers.description ?? "" }

    /// Waits until the relay says that of itself.
    func eventually(
        _ awaited: String,
        _ isTrue: @escaping @Sendable (NodeStatus) -> Bool
    ) async throws {
        do {
            try await SocketTestSupport.eventually(awaited) { isTrue(await self.status()) }
        } catch {
            throw Unfulfilled(awaited: awaited, last: await status())
        }
    }
}

/// What a relay said of itself when the test gave up waiting.
private struct Unfulfilled: Error, CustomStringConvertible {
    var awaited: String
    var last: NodeStatus

    var description: String { "no \(awaited) in time; the last status was \(last)" }
}
