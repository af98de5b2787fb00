import Synchronization
import ZeroMQ

/// Types that say with each message whom it is from or for: the shell has that as the first frame of two. A line of one frame goes to whoever
/// was connected to last.
extension ShellSocket {
    static func server(_ socket: Server) -> ShellSocket { routed(socket, LastPeer()) }

    static func peer(_ socket: PeerToPeer) -> ShellSocket {
        let last = LastPeer()
        var shell = routed(socket, last)
        shell.connect = { endpoint in
            let name = try await socket.connect(to: endpoint).description
            last.name = Frame(name)
            return name
        }
        return shell
    }

    private static func routed(_ socket: RoutedSocket, _ last: LastPeer) -> ShellSocket {
        ShellSocket(
            socket,
            send: { message in
                let (name, body) = try last.parts(of: message, "the number of a peer")
                guard let number = UInt32(name.text), let id = RoutingID(rawValue: number) else {
                    throw CommandError.badInput("'\(name)' is not the number of a peer")
                }
                try await socket.send(Message([body]), to: id)
            },
            receive: {
                let message = try await socket.receive()
                return [Frame("\(message.routingID)"), message.message[0]]
            }
        )
    }

    static func stream(_ options: SocketOptions) -> ShellSocket {
        var options = options
        // Peers that come and go bring no octets, and an echo of nothing would close their connection.
        options.streamNotifications = []
        let socket = RawStream(options: options)
        let last = LastPeer()
        var shell = ShellSocket(
            socket,
            send: { message in
                let (name, body) = try last.parts(of: message, "a peer")
                try await socket.send([name, body])
            },
            receive: { try await socket.receive() }
        )
        shell.connect = { text in
            let endpoint = try Endpoint(text)
            last.name = Frame(text)
            try await socket.connect(endpoint, as: Frame(text))
            return nil
        }
        return shell
    }

    static func datagrams(_ socket: RawDatagrams) -> ShellSocket {
        let last = LastPeer()
        var shell = ShellSocket(
            socket,
            send: { message in
                let (name, body) = try last.parts(of: message, "an address")
                try await socket.sendWaiting([name, body])
            },
            receive: { try await socket.receive() }
        )
        shell.connect = { endpoint in
            try await socket.connect(endpoint)
            last.name = ""
            return nil
        }
        return shell
    }

    static func radio(_ socket: Radio) -> ShellSocket {
        var shell = ShellSocket(
            socket,
            send: { message in
                guard message.count == 2 else {
                    throw CommandError.badInput(
                        "a radio sends to a group: name it with --group, or as the first of two frames"
                    )
                }
                try await socket.sendWaiting(Message([message[1]]), to: message[0])
            }
        )
        shell.listeners = { .dishes($0, in: $1, of: socket) }
        return shell
    }

    static func dish(_ socket: Dish) -> ShellSocket {
        var shell = ShellSocket(
            socket,
            receive: {
                let message = try await socket.receive()
                return [message.group, message.message[0]]
            }
        )
        shell.join = { try await socket.join($0) }
        return shell
    }
}

/// Whom lines go to that name nobody.
private final class LastPeer: Sendable {
    private let state = Mutex<Frame?>(nil)

    var name: Frame? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }

    func parts(of message: Message, _ what: String) throws -> (name: Frame, body: Frame) {
        if message.count == 2 { return (message[0], message[1]) }
        guard message.count == 1, let name else {
            throw CommandError.badInput(
                "a line begins with \(what), and --separator says what follows it"
            )
        }
        return (name, message[0])
    }
}
