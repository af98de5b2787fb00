import Vocabulary
import NIOCore
import Patterns
import SocketTestSupport
import Synchronization
import ZMTP

@testable import Transports

/// A hub with the smallest owner there is: a PUB answers every subscription with one message, a SUB subscribes to
/// `hello`; both keep what arrives.
struct TestSocket: Sendable {
    let hub: ConnectionHub
    let events: AsyncStream<SocketEvent>
    let owner: Owner
    /// Connections told of as opened and not yet as disconnected.
    let openCount = OpenCount()

    init(
        _ type: SocketType,
        transport: TransportOptions = TransportOptions(),
        configure: (inout ConnectionOptions) -> Void = { _ in }
    ) {
        var options = ConnectionOptions(
            session: SessionOptions(local: LocalPeer(socketType: type))
        )
        configure(&options)
        let (stream, continuation) = AsyncStream.makeStream(of: SocketEvent.self)
        let owner = Owner(type)
        events = stream
        self.owner = owner
        hub = ConnectionHub(
            loops: LoopSet(home: SharedEventLoops.group.next()),
            options: options,
            transport: transport,
            backOff: BackOff(initial: .milliseconds(1), maximum: .milliseconds(5)),
            handler: owner,
            observe: { [openCount] event in
                openCount.handle(event)
                continuation.yield(event)
            }
        )
    }

    func bind(_ endpoint: String = "tcp://127.0.0.1:*") async throws -> Endpoint {
        try await hub.bind(Endpoint(endpoint)).get()
    }

    func close(linger: Duration? = .zero) async throws {
        try await within("close of a hub") { try await hub.close(linger: linger).get() }
    }

    /// A well-behaved subscriber connects to `endpoint` and is answered.
    static func proveHealthy(_ endpoint: Endpoint) async throws {
        let subscriber = TestSocket(.sub)
        try subscriber.hub.connect(endpoint)
        let answer = try await subscriber.owner.nextMessage()
        try await subscriber.close()
        guard answer == Octets.frame("answer hello") else {
            throw TimedOut(awaited: "right answer, but \(answer)")
        }
    }

    final class OpenCount: Sendable {
        private let count = Atomic(0)

        var value: Int { count.load(ordering: .acquiring) }

        func handle(_ event: SocketEvent) {
            switch event {
            case .opened: count.add(1, ordering: .acquiringAndReleasing)
            case .disconnected: count.subtract(1, ordering: .acquiringAndReleasing)
            default: break
            }
        }
    }

    final class Owner: ConnectionHandler, @unchecked Sendable {
        private let isPublisher: Bool
        private let messages: AsyncStream<[UInt8]>
        private let continuation: AsyncStream<[UInt8]>.Continuation
        private let commands: AsyncStream<[UInt8]>
        private let commandContinuation: AsyncStream<[UInt8]>.Continuation

        init(_ type: SocketType) {
            isPublisher = type == .pub || type == .xpub
            (messages, continuation) = AsyncStream.makeStream(of: [UInt8].self)
            (commands, commandContinuation) = AsyncStream.makeStream(of: [UInt8].self)
        }

        /// The octets of the next run that arrives.
        func nextMessage() async throws -> [UInt8] {
            try await within("message") {
                for await message in self.messages { return message }
                throw TimedOut(awaited: "message before the end")
            }
        }

        /// The body of the next command that is no subscription.
        func nextCommand() async throws -> [UInt8] {
            try await within("command") {
                for await command in self.commands { return command }
                throw TimedOut(awaited: "command before the end")
            }
        }

        func connectionDidEstablish(_ connection: Connection, peer: RemotePeer) {
            guard !isPublisher else { return }
            connection.sendControl(Octets.command("SUBSCRIBE", Array("hello".utf8)))
        }

        func connection(
            _ connection: Connection,
            didReceive run: ByteBuffer,
            messageCount: Int
        ) {
            continuation.yield(Array(run.readableBytesView))
        }

        func connection(_ connection: Connection, didReceive command: PeerCommand) {
            guard let (topic, _) = command.subscription else {
                commandContinuation.yield(Array(command.body.readableBytesView))
                return
            }
            let answer = ByteBuffer(bytes: Octets.frame("answer " + String(buffer: topic)))
            answer.withUnsafeReadableBytes { bytes in
                _ = connection.outbox.append(
                    answer,
                    bytes,
                    0..<bytes.count,
                    messageCount: 1,
                    policy: .dropNewest
                )
            }
            connection.drain()
        }

        func connectionDidEndRead(_ connection: Connection) {}
        func connectionDidDrain(_ connection: Connection) {}
        func connectionDidClose(_ connection: Connection, reason: DisconnectReason) {}
    }
}
