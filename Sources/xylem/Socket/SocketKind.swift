import ArgumentParser
import ZeroMQ

/// The types of sockets as the command line names them.
enum SocketKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case req, rep, dealer, router, pub, sub, xpub, xsub, push, pull, pair

    /// In any case of letters, as people write them.
    init?(argument: String) {
        self.init(rawValue: argument.lowercased())
    }

    var name: String { rawValue.uppercased() }

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
        case .push:
            {
                let socket = Pusher(options: options)
                return ShellSocket(socket, send: { try await socket.send($0) })
            }()
        case .pull:
            {
                let socket = Puller(options: options)
                return ShellSocket(socket, receive: { try await socket.receive() })
            }()
        }
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
        ShellSocket(socket, send: { try await socket.sendWaiting($0) })
    }

    private static func xpublisher(_ socket: XPublisher) -> ShellSocket {
        ShellSocket(
            socket,
            send: { try await socket.sendWaiting($0) },
            receive: { try await socket.receive().message }
        )
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

/// A socket of any type, as far as a shell needs it.
struct ShellSocket: Sendable {
    /// Who speaks first, where that is settled.
    enum Turn: Sendable {
        case free, sendsFirst, receivesFirst
    }

    let socket: Socket
    /// `nil` where the type sends nothing.
    let send: (@Sendable (Message) async throws -> Void)?
    /// `nil` where the type receives nothing.
    let receive: (@Sendable () async throws -> Message)?
    /// `nil` where there are no topics.
    var subscribe: (@Sendable ([[UInt8]]) async throws -> Void)?
    var turn = Turn.free

    init(
        _ socket: Socket,
        send: (@Sendable (Message) async throws -> Void)? = nil,
        receive: (@Sendable () async throws -> Message)? = nil
    ) {
        self.socket = socket
        self.send = send
        self.receive = receive
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
