import CryptoBox
import NIOCore
import SocketTestSupport
import Testing
import ZMTP
import ZeroMQ

/// Every mechanism over every transport in every version, and what a peer may do wrong there: it is disconnected, and a good peer at
/// the same socket notices nothing.
@Suite(.sockets, .timeLimit(.minutes(5))) struct BadInputTests {
    private static let keys = CurveKeyPair.random()

    private static func server(_ input: BadInput) -> SocketOptions {
        SocketOptions {
            switch input.mechanism {
            case .null: break
            case .plain:
                $0.security = .plainServer
                $0.authenticator = ClosureAuthenticator { _ in .admitted(userID: "ann") }
            case .curve: $0.security = .curveServer(keys: keys)
            }
            $0.messageByteCountMax = 1 << 20
            if input.fault.isSilent { $0.handshakeTimeout = .milliseconds(500) }
        }
    }

    private static func client(_ mechanism: BadInput.Mechanism) -> SocketOptions {
        SocketOptions {
            $0.reconnectInitial = .milliseconds(10)
            switch mechanism {
            case .null: break
            case .plain: $0.security = .plain(user: "ann", password: "secret")
            case .curve: $0.security = .curve(serverKey: keys.publicKey, keys: .random())
            }
        }
    }

    @Test(arguments: BadInput.all)
    func `who sends it is disconnected, and nobody else`(input: BadInput) async throws {
        let publisher = XPublisher(options: Self.server(input))
        let endpoint = try await publisher.bind(input.transport.rawValue)
        let subscriber = Subscriber(options: Self.client(input.mechanism))
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "a")
        try await publisher.awaitSubscription("a")
        if input.fault.needsKeys {
            try await misuseKeys(input, at: endpoint)
        } else {
            let peer = try await RawPeer.connect(to: endpoint)
            // The socket may close before the last octet is taken.
            try? await peer.send(input.octets)
            try await peer.closed()
        }
        publisher.send("a message")
        #expect(try await subscriber.receiveTexts(1) == ["a message"])
        // Nothing that came was taken for a subscription.
        try await subscriber.subscribe(to: "ab")
        var news = try await within("news") { try await publisher.receive() }
        // But for what came before the fault, under keys that are good.
        while news == .message("upstream") || Self.isOfEverything(news, input) {
            news = try await within("news") { try await publisher.receive() }
        }
        #expect(news == .subscribed(topic: Array("ab".utf8)))
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    /// A subscriber of ZMTP 1.0 keeps its topics to itself, and is sent everything until it is gone.
    private static func isOfEverything(_ news: SubscriptionNews, _ input: BadInput) -> Bool {
        input.version == .v10 && [.subscribed(topic: []), .cancelled(topic: [])].contains(news)
    }

    private func misuseKeys(_ input: BadInput, at endpoint: Endpoint) async throws {
        let security = Security.curve(serverKey: Self.keys.publicKey, keys: .random())
        let minor: UInt8 = input.version == .v31 ? 1 : 0
        guard input.fault != .forgedCookie else {
            await #expect(throws: ChannelError.eof) {
                _ = try await KeyedPeer(endpoint, security, minor: minor) { name, frame in
                    guard name == "INITIATE" else { return frame }
                    var forged = frame
                    // Past header, name and the cookie's nonce: in its box.
                    forged[9 + 9 + 16 + 40] ^= 1
                    return forged
                }
            }
            return
        }
        var peer = try await KeyedPeer(endpoint, security, minor: minor)
        let upstream = Octets.frame("upstream")
        let first = peer.sealed(upstream)
        let second = peer.sealed(upstream)
        switch input.fault {
        case .replayedMessage:
            for frame in [first, first] { try? await peer.send(frame) }
        case .reorderedMessage:
            for frame in [second, first] { try? await peer.send(frame) }
        default:
            var changed = first
            changed[changed.count - 1] ^= 1
            try? await peer.send(changed)
        }
        try await peer.closed()
    }
}
