public import CryptoBox

/// What this side says of itself in the handshake.
public struct LocalPeer: Sendable {
    public var socketType: SocketType
    /// The routing id peers may address this socket by; at most 255 octets, usually empty.
    public var routingID: [UInt8]
    /// Further properties; applications' names start with `X-`.
    public var properties: Metadata
    /// What one of this side's own kind should have done, such as "use the publishers endpoint, port 6001": two endpoints of one
    /// relay are easily confused. It is said in READY, because whoever reads there that the types do not go together has no
    /// need of an ERROR.
    public var advice: String?

    /// The property that carries `advice`.
    static let adviceName = "X-Advice"

    public init(socketType: SocketType, routingID: [UInt8] = [], properties: Metadata = Metadata())
    {
        precondition(routingID.count <= 255, "a routing id has at most 255 octets")
        self.socketType = socketType
        self.routingID = routingID
        self.properties = properties
    }
}

/// What the other side said of itself.
public struct RemotePeer: Equatable, Sendable {
    public var socketType: SocketType
    /// What the peer speaks of ZMTP: 3.1, 3.0, 2.0 or 1.0.
    public var majorVersion: UInt8
    public var minorVersion: UInt8
    public var metadata: Metadata
    /// The name an authenticator gave the peer (RFC 27 "user id"); `nil` when none was asked.
    public var userID: String?
    /// What the authenticator said of it besides (RFC 27 "metadata").
    public var admissionMetadata = Metadata()
    /// The key of CURVE that the peer has proved to have the secret half of; `nil` under other mechanisms.
    public var publicKey: CurvePublicKey?
    /// Who the peer is by its ticket of Kerberos, such as `ann@EXAMPLE.ORG`; `nil` where this side is no server of GSSAPI.
    public var principal: String?
    /// Whether the peer does not say its type, so that it is taken for one that fits: in ZMTP 1.0, and on a WebSocket without
    /// a mechanism.
    public var isTypeAssumed = false

    public init(
        socketType: SocketType,
        majorVersion: UInt8 = 3,
        minorVersion: UInt8,
        metadata: Metadata = Metadata(),
        userID: String? = nil
    ) {
        self.socketType = socketType
        self.majorVersion = majorVersion
        self.minorVersion = minorVersion
        self.metadata = metadata
        self.userID = userID
    }

    /// Whether there are commands in what the peer speaks.
    public var knowsCommands: Bool { majorVersion >= 3 }

    /// `ZMTP 3.1`
    public var versionText: String { "ZMTP \(majorVersion).\(minorVersion)" }

    public var subscriptionForm: SubscriptionForm { minorVersion >= 1 ? .command : .message }

    /// Whether it is one of our relays, by its properties' names. It shows that it lives while it does not read.
    var isRelay: Bool { metadata.properties.contains { $0.name.hasPrefix("X-Xylem-") } }

    /// The peer's routing id, empty when it did not give one.
    public var routingID: [UInt8] { metadata["Identity"] ?? [] }
}
