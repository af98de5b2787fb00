import SocketTestSupport
import Testing
import ZeroMQ

/// One pair of sockets, one of ours and one of libzmq's, and all the messages between them.
struct MatrixCell: Sendable {
    let pair: PatternMatrixTests.Pair
    let options: SocketOptions
    let largeByteCount: Int

    /// What both sides know (`messages` of `Peers/matrix.py`).
    private var messages: [Message] {
        [
            "one", ["a", "", Frame([UInt8](repeating: UInt8(ascii: "c"), count: 300))], "",
            ["large", Frame([UInt8](repeating: UInt8(ascii: "L"), count: largeByteCount))],
        ]
    }

    func run(with peer: MatrixPeer, weBind: Bool, at endpoint: String) async throws {
        switch pair {
        case .reqRep, .reqRouter:
            try await exchange(Requester(options: options), peer, weBind, endpoint) { socket in
                for message in messages {
                    let reply = try await socket.request(message)
                    #expect(reply == message)
                }
            }
        case .dealerRep: try await echo(Dealer(options: options), peer, weBind, endpoint, [""])
        case .dealerDealer, .dealerRouter:
            try await echo(Dealer(options: options), peer, weBind, endpoint)
        case .pairPair: try await echo(Pair(options: options), peer, weBind, endpoint)
        case .routerDealer, .routerRouter: try await route(peer, weBind, endpoint)
        case .repReq, .repDealer:
            try await exchange(Replier(options: options), peer, weBind, endpoint) { socket in
                for message in messages {
                    let request = try await socket.receive()
                    #expect(request == message)
                    try await socket.send(message)
                }
                try await expectHeard(by: peer)
            }
        case .routerReq:
            try await exchange(Router(options: options), peer, weBind, endpoint) { socket in
                for message in messages {
                    let request = try await socket.receive()
                    #expect(request == Message(["peer", ""] + message.frames))
                    try await socket.send(request)
                }
                try await expectHeard(by: peer)
            }
        case .pushPull:
            try await exchange(Pusher(options: options), peer, weBind, endpoint) { socket in
                for message in messages { try await socket.send(message) }
                try await expectHeard(by: peer)
            }
        case .pubSub, .pubXsub:
            try await publish(Publisher(options: options), peer, weBind, endpoint)
        case .xpubSub, .xpubXsub:
            try await publish(XPublisher(options: options), peer, weBind, endpoint)
        case .pullPush: try await hear(Puller(options: options), peer, weBind, endpoint)
        case .subPub, .subXpub:
            let socket = Subscriber(options: options)
            try await socket.subscribe(to: "")
            try await hear(socket, peer, weBind, endpoint)
        case .xsubPub, .xsubXpub:
            let socket = XSubscriber(options: options)
            try await socket.subscribe(to: "")
            try await hear(socket, peer, weBind, endpoint)
        }
    }

    /// Opens both ends, and closes them after `body`.
    private func exchange<S: Socket>(
        _ socket: S,
        _ peer: MatrixPeer,
        _ weBind: Bool,
        _ endpoint: String,
        _ body: (S) async throws -> Void
    ) async throws {
        if weBind {
            let bound = try await socket.bind(endpoint).description
            _ = try await peer.open(pair, binds: false, at: bound)
        } else {
            try await socket.connect(try await peer.open(pair, binds: true, at: endpoint))
        }
        try await body(socket)
        await socket.close()
        try await peer.closeSocket()
    }

    private func expectHeard(by peer: MatrixPeer) async throws {
        let count = try await peer.heard()
        #expect(count == messages.count)
    }

    private func echo(
        _ socket: some SendingSocket & ReceivingSocket,
        _ peer: MatrixPeer,
        _ weBind: Bool,
        _ endpoint: String,
        _ envelope: [Frame] = []
    ) async throws {
        try await exchange(socket, peer, weBind, endpoint) { socket in
            for message in messages {
                let sent = Message(envelope + message.frames)
                try await socket.send(sent)
                let reply = try await socket.receive()
                #expect(reply == sent)
            }
        }
    }

    /// A router's messages begin with an address, which it has to know first.
    private func route(
        _ peer: MatrixPeer,
        _ weBind: Bool,
        _ endpoint: String
    ) async throws {
        try await exchange(Router(options: options), peer, weBind, endpoint) { socket in
            try await eventually("the peer") { await socket.peerCount() == 1 }
            for message in messages {
                let sent = Message(["peer"] + message.frames)
                try await socket.send(sent)
                let reply = try await socket.receive()
                #expect(reply == sent)
            }
        }
    }

    private func publish(
        _ socket: PublishingSocket,
        _ peer: MatrixPeer,
        _ weBind: Bool,
        _ endpoint: String
    ) async throws {
        try await exchange(socket, peer, weBind, endpoint) { socket in
            try await socket.waitForSubscribers(1)
            for message in messages { try await socket.sendWaiting(message) }
            try await expectHeard(by: peer)
        }
    }

    private func hear(
        _ socket: some ReceivingSocket,
        _ peer: MatrixPeer,
        _ weBind: Bool,
        _ endpoint: String
    ) async throws {
        try await exchange(socket, peer, weBind, endpoint) { socket in
            var first: Message?
            switch pair {
            // Until something comes a PUB sends probes, since it does not know who listens.
            case .subPub, .xsubPub: _ = try await socket.receive()
            case .subXpub, .xsubXpub: try await peer.awaitSubscription()
            default: break
            }
            try peer.go()
            repeat { first = try await socket.receive() } while first == "probe"
            #expect(first == messages[0])
            for message in messages.dropFirst() {
                let received = try await socket.receive()
                #expect(received == message)
            }
        }
    }
}
