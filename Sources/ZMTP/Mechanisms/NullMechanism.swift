import Wire

/// The NULL mechanism: each side sends READY with its metadata, and that is all (RFC 37 "The NULL Security Mechanism").
///
/// A side that asks an authenticator does so before it says READY, as libzmq does: with both sides asking, waiting for
/// the peer's READY first would be waiting for ever.
struct NullMechanism: Sendable {
    static let name = "NULL"

    private let local: LocalPeer
    private let asksAuthenticator: Bool
    private var minorVersion: UInt8 = 0
    private var userID: String?

    init(local: LocalPeer, asksAuthenticator: Bool) {
        self.local = local
        self.asksAuthenticator = asksAuthenticator
    }

    mutating func start(minorVersion: UInt8) -> HandshakeStep {
        self.minorVersion = minorVersion
        return asksAuthenticator
            ? HandshakeStep(next: .awaitVerdict(AuthenticationRequest(mechanism: Self.name)))
            : HandshakeStep(reply: Self.ready(local), next: .awaitOctets)
    }

    mutating func handleVerdict(
        _ verdict: AuthenticationVerdict
    ) throws(HandshakeFailure) -> HandshakeStep {
        guard case .admitted(let userID) = verdict else { throw .notAdmitted(verdict) }
        self.userID = userID
        return HandshakeStep(reply: Self.ready(local), next: .awaitOctets)
    }

    func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer
    ) throws(HandshakeFailure) -> HandshakeStep {
        switch command {
        case .ready(let range):
            let metadata = try Metadata.decode(UnsafeRawBufferPointer(rebasing: body[range]))
            return HandshakeStep(
                next: .established(
                    RemotePeer(
                        socketType: try socketType(in: metadata),
                        minorVersion: minorVersion,
                        metadata: metadata,
                        userID: userID
                    )
                )
            )
        case .error(let range):
            throw .refused(reason: HandshakeFailure.printable(body[range]))
        case .malformed:
            throw .malformedCommand("a command without a name, or with fields of a wrong length")
        case .subscribe, .cancel, .ping, .pong, .join, .leave, .unknown:
            throw .malformedCommand("another command came before READY")
        }
    }

    /// The peer's socket type, if this side's may talk to it.
    private func socketType(in metadata: Metadata) throws(HandshakeFailure) -> SocketType {
        let announced = metadata["Socket-Type"]
        guard
            let text = announced.flatMap({ String(validating: $0, as: UTF8.self) }),
            let socketType = SocketType(rawValue: text), local.socketType.accepts(socketType)
        else {
            let name = announced.map { HandshakeFailure.printable($0.prefix(32)) }
            throw .incompatibleSocketType(
                local: local.socketType,
                peer: name ?? "(none)",
                advice: advice(to: name.flatMap { SocketType(rawValue: $0) }, metadata)
            )
        }
        return socketType
    }

    /// What to do instead, from whichever side knows it; it concerns who is on the same side of the pattern.
    private func advice(to peer: SocketType?, _ metadata: Metadata) -> String? {
        guard let peer, peer.peers == local.socketType.peers else { return nil }
        return local.advice
            ?? metadata[LocalPeer.adviceName].map { HandshakeFailure.printable($0.prefix(120)) }
    }

    static func ready(_ local: LocalPeer) -> [UInt8] {
        var metadata = Metadata()
        metadata.append("Socket-Type", local.socketType.rawValue.utf8)
        if !local.routingID.isEmpty { metadata.append("Identity", local.routingID) }
        if let advice = local.advice { metadata.append(LocalPeer.adviceName, advice.utf8) }
        for property in local.properties.properties {
            metadata.append(property.name, property.value)
        }
        return Command.readyFrame(metadata)
    }
}
