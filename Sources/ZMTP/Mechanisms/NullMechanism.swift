import Wire

/// The NULL mechanism: each side sends READY with its metadata, and that is all (RFC 37 "The NULL Security Mechanism").
enum NullMechanism {
    static let name = "NULL"

    static func ready(_ local: LocalPeer) -> [UInt8] {
        var metadata = Metadata()
        metadata.append("Socket-Type", local.socketType.rawValue.utf8)
        if !local.routingID.isEmpty { metadata.append("Identity", local.routingID) }
        for property in local.properties.properties {
            metadata.append(property.name, property.value)
        }
        return Command.readyFrame(metadata)
    }

    static func handle(
        _ command: Command,
        _ body: UnsafeRawBufferPointer,
        _ greeting: Greeting,
        _ local: LocalPeer
    ) throws(HandshakeFailure) -> RemotePeer {
        switch command {
        case .ready(let range):
            let metadata = try Metadata.decode(UnsafeRawBufferPointer(rebasing: body[range]))
            let announced = metadata["Socket-Type"]
            guard
                let text = announced.flatMap({ String(validating: $0, as: UTF8.self) }),
                let socketType = SocketType(rawValue: text), local.socketType.accepts(socketType)
            else {
                let name = announced.map { HandshakeFailure.printable($0.prefix(32)) }
                throw .incompatibleSocketType(local: local.socketType, peer: name ?? "(none)")
            }
            return RemotePeer(
                socketType: socketType,
                minorVersion: greeting.major > 3 ? 1 : greeting.minor,
                metadata: metadata
            )
        case .error(let range):
            throw .refused(reason: HandshakeFailure.printable(body[range]))
        case .malformed:
            throw .malformedCommand("a command without a name, or with fields of a wrong length")
        case .subscribe, .cancel, .ping, .pong, .join, .leave, .unknown:
            throw .malformedCommand("another command came before READY")
        }
    }
}
