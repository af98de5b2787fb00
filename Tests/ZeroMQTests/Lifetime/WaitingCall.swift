import Testing
import ZeroMQ

/// A call that waits for something that never comes, and the sockets that it involves. The first socket's is the call.
struct WaitingCall: Sendable, CustomTestStringConvertible {
    var name: String
    /// Opens the sockets, and gives them and the call.
    var prepare:
        @Sendable () async throws -> (sockets: [Socket], call: @Sendable () async throws -> Void)
    /// A sequence ends, and does not throw.
    var isSequence = false
    /// A service ends when its group tells it to, whatever its socket does.
    var endsWithSocket = true

    var testDescription: String { name }

    private init(
        _ name: String,
        isSequence: Bool = false,
        endsWithSocket: Bool = true,
        _ prepare:
            @escaping @Sendable () async throws -> (
                sockets: [Socket], call: @Sendable () async throws -> Void
            )
    ) {
        self.name = name
        self.isSequence = isSequence
        self.endsWithSocket = endsWithSocket
        self.prepare = prepare
    }

    private static let options = SocketOptions { $0.linger = .zero }

    static let all = receiving + sending + requesting + others

    private static let receiving: [WaitingCall] = [
        WaitingCall("receive") {
            let socket = Puller(options: options)
            return ([socket], { _ = try await socket.receive() })
        },
        WaitingCall("receive with a time-out") {
            let socket = Subscriber(options: options)
            return ([socket], { _ = try await socket.receive(timeout: .seconds(60)) })
        },
        WaitingCall("messages", isSequence: true) {
            let socket = Dealer(options: options)
            return ([socket], { for await _ in socket.messages {} })
        },
        WaitingCall("deliveries", isSequence: true) {
            let socket = Subscriber(options: options)
            return ([socket], { for await _ in socket.deliveries {} })
        },
        WaitingCall("news of subscriptions") {
            let socket = XPublisher(options: options)
            return ([socket], { _ = try await socket.receive() })
        },
        WaitingCall("receive of a SERVER") {
            let socket = Server(options: options)
            return ([socket], { _ = try await socket.receive() })
        },
        WaitingCall("receive of a DISH") {
            let socket = Dish(options: options)
            return ([socket], { _ = try await socket.receive() })
        },
        WaitingCall("events", isSequence: true) {
            let socket = Puller(options: options)
            return ([socket], { for await _ in socket.events {} })
        },
    ]

    private static let sending: [WaitingCall] = [
        WaitingCall("send without a peer") {
            let socket = Pusher(options: options)
            return ([socket], { try await socket.send("x") })
        },
        WaitingCall("send with a time-out") {
            let socket = Pair(options: options)
            return ([socket], { try await socket.send("x", timeout: .seconds(60)) })
        },
        WaitingCall("send to a full peer") {
            var options = Self.options
            options.queueLimit = QueueLimit(messageCount: 2)
            let (socket, peer) = (Pusher(options: options), Puller(options: options))
            try await socket.connect(try await peer.bind("tcp://127.0.0.1:*"))
            let large = Message([UInt8](repeating: 1, count: 1 << 20))
            return ([socket, peer], { while true { try await socket.send(large) } })
        },
        WaitingCall("send of a ROUTER to a full peer") {
            var options = Self.options
            options.router.isMandatory = true
            options.queueLimit = QueueLimit(messageCount: 2)
            let (socket, peer) = (Router(options: options), Dealer(options: options))
            try await peer.connect(try await socket.bind("tcp://127.0.0.1:*"))
            try await peer.send("hello")
            let message = try await socket.receive()
            let large = Frame([UInt8](repeating: 1, count: 1 << 20))
            return ([socket, peer], { while true { try await socket.send([message[0], large]) } })
        },
        WaitingCall("send of a PEER to one that is not there yet") {
            var options = Self.options
            options.queueLimit = QueueLimit(messageCount: 2)
            let socket = PeerToPeer(options: options)
            let peer = try await socket.connect(to: "inproc://never there")
            return ([socket], { while true { try await socket.send("x", to: peer) } })
        },
        WaitingCall("wait for subscribers") {
            let socket = Publisher(options: options)
            return ([socket], { try await socket.waitForSubscribers(2, to: "a") })
        },
    ]

    private static let requesting: [WaitingCall] = [
        WaitingCall("request without a peer") {
            let socket = Requester(options: options)
            return ([socket], { _ = try await socket.request("x") })
        },
        WaitingCall("request without an answer") {
            let (socket, peer) = (Requester(options: options), Replier(options: options))
            try await socket.connect(try await peer.bind("tcp://127.0.0.1:*"))
            return ([socket, peer], { _ = try await socket.request("x") })
        },
        WaitingCall("request of a DEALER without an answer") {
            let (socket, peer) = (Dealer(options: options), Router(options: options))
            try await socket.connect(try await peer.bind("tcp://127.0.0.1:*"))
            return ([socket, peer], { _ = try await socket.request("x", timeout: .seconds(60)) })
        },
        WaitingCall("serve") {
            let socket = Replier(options: options)
            return ([socket], { try await socket.serve { $0 } })
        },
        WaitingCall("serve of several") {
            let socket = Replier(options: options)
            return ([socket], { try await socket.serve(concurrency: 3) { $0 } })
        },
    ]

    private static let others: [WaitingCall] = [
        WaitingCall("run of a proxy") {
            let (front, back) = (Puller(options: options), Pusher(options: options))
            let proxy = try Proxy(between: front, and: back)
            return ([front, back], { try await proxy.run() })
        },
        WaitingCall("a scope") {
            let socket = Puller(options: options)
            return ([socket], { try await withSocket(socket) { _ = try await $0.receive() } })
        },
        WaitingCall("a service", isSequence: true, endsWithSocket: false) {
            let socket = Puller(options: options)
            return ([socket], { try await socket.run() })
        },
    ]
}
