public import Vocabulary
public import Logging
public import NIOCore
import Patterns
public import Transports
public import ZMTP

/// How a socket behaves; set before it is created. Times are `Duration`s, sizes are octets.
public struct SocketOptions: Sendable {
    /// How long a close waits for messages that are not sent yet; `nil` = as long as it takes.
    public var linger: Duration? = .seconds(30)
    /// How much may be queued for one peer (sending) or for the application (receiving).
    public var queueLimit = QueueLimit()
    /// What happens to a message for a peer whose queue is full. With `block` (`ZMQ_XPUB_NODROP`) a publisher's `trySend` finds no room and
    /// `sendWaiting` waits until the slowest subscriber has some; `send`, which never waits, is refused and counted.
    public var overflow = OverflowPolicy.dropNewest
    /// What else one peer may make the socket hold. A peer that exceeds one of these limits is disconnected, and counted.
    public var peerLimits = PeerLimits()
    /// A peer that sends a larger message is disconnected; `nil` = no limit.
    public var messageByteCountMax: Int?
    /// A peer that has not finished the handshake by then is disconnected.
    public var handshakeTimeout: Duration = .seconds(30)
    /// How long a `receive` that finds nothing looks for a message before its task sleeps. It looks only while messages come
    /// that fast, and halves the time of a round trip at the price of a core; zero = never.
    public var spinTime: Duration = .microseconds(120)
    /// How a peer that is gone without a word is noticed: its machine lost power, the network ends somewhere, the process stands
    /// still. Without (`.off`) a subscriber waits for it for ever. inproc needs none and has none.
    public var heartbeat = HeartbeatOptions.standard
    /// A peer that stalls in the middle of a message, or reads nothing of what is queued for it, for this long is
    /// disconnected; `nil` = never.
    public var stallTimeout: Duration?
    /// The first wait before a lost connection is tried again; it doubles, with jitter, up to `reconnectMaximum`.
    public var reconnectInitial: Duration = .milliseconds(100)
    public var reconnectMaximum: Duration = .seconds(10)
    /// After which failures an endpoint is dialled no more (`ZMQ_RECONNECT_STOP`; `always` is `ZMQ_RECONNECT_IVL` -1).
    public var reconnectStop: ReconnectStop = []
    public var connectTimeout: Duration = .seconds(10)
    /// How many new connections the kernel may hold for a listener.
    public var backlog = 1_024
    /// Kernel buffer sizes; `nil` = the system's choice.
    public var kernelSendByteCount: Int?
    public var kernelReceiveByteCount: Int?
    /// TCP keep-alive probes after this idle time; a peer whose machine answers none is gone after twice as long. `nil` = none.
    public var keepAlive: Duration?
    /// The name ROUTER peers would know this socket by; at most 255 octets.
    public var routingID: [UInt8] = []
    /// Further properties for the handshake; names start with `X-`.
    public var properties = Metadata()
    /// Which subscription news an XPUB's application sees (`ZMQ_XPUB_VERBOSE`, `ZMQ_XPUB_VERBOSER`), and which of its own an XSUB passes on
    /// (`ZMQ_XSUB_VERBOSE_UNSUBSCRIBE` is `everything`).
    public var verbosity = SubscriptionVerbosity.changes
    /// Whether messages are queued only while a peer is connected (`ZMQ_IMMEDIATE`). Without, they may be queued as soon as an endpoint is
    /// dialled, and are sent when somebody answers there.
    public var isImmediate = false
    /// Whether a new peer is sent an empty message first, so that a ROUTER there knows this socket (`ZMQ_PROBE_ROUTER`).
    public var probesRouter = false
    /// What every new peer is sent first (`ZMQ_HELLO_MSG`): of DEALER, ROUTER, CLIENT, SERVER and PEER.
    public var helloMessage: Message?
    /// What the application receives, as if from the peer, when an accepted peer is gone (`ZMQ_DISCONNECT_MSG`): of ROUTER, SERVER and PEER.
    public var disconnectMessage: Message?
    /// What the application receives, as if from the peer, when the connection to a dialled peer is lost (`ZMQ_HICCUP_MSG`): of DEALER, CLIENT
    /// and PEER.
    public var hiccupMessage: Message?
    /// Whether only the newest message is kept, for each peer and in each direction (`ZMQ_CONFLATE`): of PUB, SUB, PUSH, PULL and DEALER. Unlike
    /// libzmq's, a message may have several frames. The queue limits and the overflow policy then mean nothing.
    public var conflates = false
    /// How a socket behaves that addresses its peers.
    public var router = RouterOptions()
    /// What the application of a STREAM is told of by an empty message from the peer in question (`ZMQ_STREAM_NOTIFY`).
    public var streamNotifications: PeerNotifications = [.connect, .disconnect]
    /// Whether subscriptions say what is *not* wanted (`ZMQ_INVERT_MATCHING`): of PUB, XPUB and SUB. A SUB must have it when its PUB has it; an XSUB
    /// filters nothing.
    public var invertsMatching = false
    /// How a PUB or XPUB behaves.
    public var publish = PublisherOptions()
    /// How a REQ behaves.
    public var request = RequestOptions()
    /// How the socket behaves at `pgm://` and `epgm://` endpoints.
    public var multicast = MulticastOptions()
    /// How the socket behaves at `udp://` endpoints.
    public var datagrams = DatagramOptions()
    /// How connections are secured: both ends name the same mechanism, one of them as its server.
    public var security = Security.null
    /// Who decides which peers may connect; `nil` = everybody may, but for PLAIN, which asks somebody.
    public var authenticator: (any PeerAuthenticator)?
    /// What an authenticator is told that this socket is for.
    public var domain = ""
    /// Certificates and trust at `wss://` endpoints.
    public var tls = TLSOptions()
    /// What is asked of the kernel for connections over TCP.
    public var tcp = TCPOptions()
    /// Who is let in at `ipc://` endpoints.
    public var ipc = IPCOptions()
    /// The proxy through which connects over TCP go; `nil` = they go by themselves.
    public var socksProxy: SOCKSProxy?
    /// Where the socket writes what happens to its endpoints and connections; `nil` = nowhere. The same, as values, is in `Socket.events`.
    public var logger: Logger?
    /// Where the socket's I/O runs; `nil` = the event loop on which the socket is created, or else one that all such
    /// sockets share.
    public var eventLoop: (any EventLoop)?

    public init() {}

    /// Sets several at once: `SocketOptions { $0.linger = .zero }`.
    public init(_ configure: (inout SocketOptions) throws -> Void) rethrows {
        try configure(&self)
    }

    package var transport: TransportOptions {
        var options = TransportOptions()
        options.connectTimeout = connectTimeout
        options.backlog = backlog
        options.kernelSendByteCount = kernelSendByteCount
        options.kernelReceiveByteCount = kernelReceiveByteCount
        options.keepAlive = keepAlive
        options.tls = tls
        options.tcp = tcp
        options.ipc = ipc
        options.datagrams = datagrams
        options.socksProxy = socksProxy
        return options
    }

    package func connection(_ type: SocketType) -> ConnectionOptions {
        var session = SessionOptions(
            // A longer one is refused by `problem`.
            local: LocalPeer(
                socketType: type,
                routingID: Array(routingID.prefix(255)),
                properties: properties
            )
        )
        session.handshakeTimeout = handshakeTimeout
        session.heartbeat = heartbeat
        session.stallTimeout = stallTimeout
        // Plain octets have no messages that could be too long.
        session.messageByteCountMax = type == .stream ? .max : messageByteCountMax ?? .max
        session.security = security
        session.domain = domain
        var options = ConnectionOptions(session: session)
        options.authenticator = authenticator.map { TaskAuthenticator($0) }
        options.isRaw = type == .stream
        options.queueLimit =
            conflates ? QueueLimit(messageCount: 1, byteCount: .max) : queueLimit
        options.controlByteCountMax = peerLimits.controlByteCount
        return options
    }

    package var backOff: BackOff {
        // Waits that are not positive are refused by `problem`.
        BackOff(
            initial: max(reconnectInitial, .nanoseconds(1)),
            maximum: max(reconnectMaximum, .nanoseconds(1))
        )
    }
}

/// Which subscriptions and cancellations an XPUB passes to its application, and an XSUB to its publishers.
public enum SubscriptionVerbosity: Sendable {
    /// Only the first subscription and the last cancellation of a topic.
    case changes
    /// Every subscription, and the last cancellation of a topic.
    case everySubscription
    /// Every subscription and every cancellation.
    case everything
}
