import DataPlane
import Vocabulary
import NIOCore
import Patterns
import SocketTestSupport
import Synchronization
import Testing
import Transports
import ZMTP

@testable import ZeroMQ

/// Sockets on event loops of the caller's choice, and one fan-out over several.
@Suite(.sockets, .timeLimit(.minutes(5))) struct EventLoopTests {
    @Test(arguments: ["tcp://127.0.0.1:*", "inproc://loops"])
    func `sockets live on the loops they are given`(binding: String) async throws {
        let group = SharedEventLoops.makeGroup(count: 2)
        let publisher = XPublisher(options: SocketOptions { $0.eventLoop = group.next() })
        let subscriber = Subscriber(options: SocketOptions { $0.eventLoop = group.next() })
        #expect(publisher.home !== subscriber.home)
        try await subscriber.connect(try await publisher.bind(binding).description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        for number in 0..<5_000 { publisher.send(Message("\(number)")) }
        #expect(try await subscriber.receiveTexts(5_000) == (0..<5_000).map(String.init))
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
        try await group.shutdownGracefully()
    }

    @Test(arguments: [OverflowPolicy.dropNewest, .block])
    func `a fan-out over two loops serves everyone in order`(policy: OverflowPolicy) async throws {
        let group = SharedEventLoops.makeGroup(count: 2)
        let spread = Spread(group: group, policy: policy)
        let endpoint = try await spread.bind().description
        let subscribers = (0..<6).map { _ in
            Subscriber(options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 200) })
        }
        for subscriber in subscribers {
            try await subscriber.connect(endpoint)
            try await subscriber.subscribe(to: "")
        }
        try await eventually("all subscribers") { await spread.subscriberCount() == 6 }
        #expect(spread.loopCount == 2)
        let count = 5_000
        let readers = subscribers.map { subscriber in
            Task { try await subscriber.receiveTexts(count) }
        }
        for number in 0..<count { try await spread.send(Message("\(number)")) }
        for reader in readers {
            #expect(try await reader.value == (0..<count).map(String.init))
        }
        let counters = try await spread.counters()
        #expect(counters.sentMessageCount == 6 * count)
        #expect(counters.droppedMessageCount == 0)
        // Leavers' counts stay, and their places are used again.
        for subscriber in subscribers.prefix(3) { try await subscriber.closeInTime() }
        try await eventually("leavers") { await spread.subscriberCount() == 3 }
        #expect(try await spread.counters().sentMessageCount == 6 * count)
        let late = Subscriber()
        try await late.connect(endpoint)
        try await late.subscribe(to: "")
        try await eventually("late subscriber") { await spread.subscriberCount() == 4 }
        try await spread.send("late")
        #expect(try await late.receiveTexts(1) == ["late"])
        for subscriber in subscribers.suffix(3) + [late] { try await subscriber.closeInTime() }
        try await spread.close()
        try await group.shutdownGracefully()
    }
}

/// A publisher whose connections are spread over a group's loops: the fan-out without a socket around it.
private final class Spread: ConnectionHandler, @unchecked Sendable {
    private let home: any EventLoop
    private let group: any EventLoopGroup
    private let policy: OverflowPolicy
    private let fanOut: FanOut
    // Confined to `home`.
    private var index = SubscriptionIndex()
    private var ids: [UInt64: SubscriberID] = [:]
    private var waiting: [EventLoopPromise<Void>] = []
    private let hub = Mutex<ConnectionHub?>(nil)
    private let loops = Mutex<[any EventLoop]>([])

    init(group: any EventLoopGroup, policy: OverflowPolicy) {
        self.group = group
        self.policy = policy
        home = group.next()
        fanOut = FanOut(home: home)
    }

    func bind() async throws -> Endpoint {
        try await home.submit {
            self.fanOut.setCongestionHandler { [weak self] in
                guard let self, !self.fanOut.isCongested else { return }
                for promise in self.waiting { promise.succeed() }
                self.waiting = []
            }
        }.get()
        let options = SocketOptions { $0.queueLimit = QueueLimit(messageCount: 10_000) }
        let hub = ConnectionHub(
            loops: LoopSet(home: home, group: group),
            options: options.connection(.pub),
            transport: options.transport,
            backOff: options.backOff,
            handler: self,
            observe: { _ in }
        )
        self.hub.withLock { $0 = hub }
        return try await hub.bind(Endpoint("tcp://127.0.0.1:*")).get()
    }

    var loopCount: Int {
        Set(loops.withLock { $0.map { ObjectIdentifier($0) } }).count
    }

    func subscriberCount() async -> Int {
        (try? await home.submit { self.ids.count }.get()) ?? 0
    }

    func counters() async throws -> OutboxCounters {
        try await home.flatSubmit { self.fanOut.counters() }.get()
    }

    /// Succeeds when there is room for the next.
    func send(_ message: Message) async throws {
        try await within("room") {
            try await self.home.flatSubmit {
                self.fanOut.distribute(
                    message.encoded,
                    messageCount: 1,
                    by: &self.index,
                    policy: self.policy
                )
                self.fanOut.flush()
                guard self.fanOut.isCongested else { return self.home.makeSucceededVoidFuture() }
                let promise = self.home.makePromise(of: Void.self)
                self.waiting.append(promise)
                return promise.futureResult
            }.get()
        }
    }

    func close() async throws {
        guard let hub = hub.withLock({ $0 }) else { return }
        try await within("close") { try await hub.close(linger: .zero).get() }
    }

    func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
        loops.withLock { $0.append(connection.loop) }
    }

    func connection(_ connection: Connection, didReceive run: ByteBuffer, messageCount: Int) {}

    func connection(_ connection: Connection, didReceive command: PeerCommand) {
        guard let (topic, _) = command.subscription else { return }
        home.execute {
            let id = self.fanOut.attach(connection)
            self.ids[connection.id] = id
            connection.loop.execute { connection.slot = Int(id.rawValue) }
            _ = topic.withUnsafeReadableBytes { self.index.subscribe($0, by: id) }
        }
    }

    func connectionDidEndRead(_ connection: Connection) {}

    func connectionDidDrain(_ connection: Connection) {
        guard connection.slot >= 0 else { return }
        fanOut.handleDrain(connection, id: SubscriberID(UInt32(connection.slot)))
    }

    func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {
        home.execute {
            guard let id = self.ids.removeValue(forKey: connection.id) else { return }
            self.index.removeSubscriber(id) { _ in }
            self.fanOut.detach(id)
        }
    }
}
