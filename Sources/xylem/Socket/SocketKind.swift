import ArgumentParser
import ZeroMQ

/// The types of sockets as the command line names them.
enum SocketKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case req, rep, dealer, router, pub, sub, xpub, xsub, push, pull, pair, stream
    /// Drafts of libzmq.
    case client, server, radio, dish, scatter, gather, peer, channel, dgram

    /// In any case of letters, as people write them.
    init?(argument: String) {
        self.init(rawValue: argument.lowercased())
    }

    /// Types that may send an answer to whatever they receive.
    static let answering: [SocketKind] = [
        .rep, .dealer, .router, .pair, .client, .server, .peer, .channel, .stream, .dgram,
    ]

    /// For a sentence: `an xpub`, `a pull`.
    var withArticle: String { (rawValue.hasPrefix("x") ? "an " : "a ") + rawValue }

    /// A new socket of this type, and what its application can do with it.
    func make(_ options: SocketOptions) -> ShellSocket {
        switch self {
        case .req: Self.requester(Requester(options: options))
        case .rep: Self.replier(Replier(options: options))
        case .dealer: Self.exchange(Dealer(options: options))
        case .router: Self.router(Router(options: options))
        case .pair: Self.exchange(Pair(options: options))
        case .pub: Self.publisher(Publisher(options: options))
        case .xpub: Self.xpublisher(XPublisher(options: options))
        case .sub: Self.subscriber(Subscriber(options: options))
        case .xsub: Self.xsubscriber(XSubscriber(options: options))
        case .push: Self.sender(Pusher(options: options))
        case .pull: Self.receiver(Puller(options: options))
        case .stream: .stream(options)
        case .client: Self.exchange(Client(options: options))
        case .channel: Self.exchange(ChannelSocket(options: options))
        case .scatter: Self.sender(Scatterer(options: options))
        case .gather: Self.receiver(Gatherer(options: options))
        case .server: .server(Server(options: options))
        case .peer: .peer(PeerToPeer(options: options))
        case .radio: .radio(Radio(options: options))
        case .dish: .dish(Dish(options: options))
        case .dgram: .datagrams(RawDatagrams(options: options))
        }
    }

    private static func sender(_ socket: some SendingSocket) -> ShellSocket {
        ShellSocket(socket, send: { try await socket.send($0) })
    }

    private static func receiver(_ socket: some ReceivingSocket) -> ShellSocket {
        ShellSocket(socket, receive: { try await socket.receive() })
    }

    private static func requester(_ socket: Requester) -> ShellSocket {
        var shell = ShellSocket(
            socket,
            send: { try await socket.send($0) },
            receive: { try await socket.receive() }
        )
        shell.turn = .sendsFirst
        return shell
    }

    private static func replier(_ socket: Replier) -> ShellSocket {
        var shell = ShellSocket(
            socket,
            send: { try await socket.send($0) },
            receive: { try await socket.receive() }
        )
        shell.turn = .receivesFirst
        return shell
    }

    private static func exchange(_ socket: some SendingSocket & ReceivingSocket) -> ShellSocket {
        ShellSocket(
            socket,
            send: { try await socket.send($0) },
            receive: { try await socket.receive() }
        )
    }

    /// Its own `send`, which may be an error where a peer is unknown.
    private static func router(_ socket: Router) -> ShellSocket {
        ShellSocket(
            socket,
            send: { try await socket.send($0) },
            receive: { try await socket.receive() }
        )
    }

    private static func publisher(_ socket: Publisher) -> ShellSocket {
        var shell = ShellSocket(socket, send: { try await socket.sendWaiting($0) })
        shell.listeners = { count, _ in .subscribers(count, of: socket) }
        return shell
    }

    private static func xpublisher(_ socket: XPublisher) -> ShellSocket {
        var shell = ShellSocket(
            socket,
            send: { try await socket.sendWaiting($0) },
            receive: { try await socket.receive().message }
        )
        shell.listeners = { count, _ in .subscribers(count, of: socket) }
        return shell
    }

    private static func subscriber(_ socket: Subscriber) -> ShellSocket {
        var shell = ShellSocket(socket, receive: { try await socket.receive() })
        shell.subscribe = { try await socket.subscribe(to: $0) }
        return shell
    }

    private static func xsubscriber(_ socket: XSubscriber) -> ShellSocket {
        var shell = ShellSocket(
            socket,
            send: { try await socket.send($0) },
            receive: { try await socket.receive() }
        )
        shell.subscribe = { try await socket.subscribe(to: $0) }
        return shell
    }
}

extension SubscriptionNews {
    /// As libzmq's XPUB gives it: 1 or 0 before the topic, or the message that an XSUB sent.
    var message: Message {
        switch self {
        case .subscribed(let topic): Message([1] + topic)
        case .cancelled(let topic): Message([0] + topic)
        case .message(let message): message
        }
    }
}
