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
            let type = metadata.text("Socket-Type") ?? "(none)"
            guard let socketType = SocketType(rawValue: type), local.socketType.accepts(socketType)
            else { throw .incompatibleSocketType(local: local.socketType, peer: type) }
            return RemotePeer(
                socketType: socketType,
                minorVersion: greeting.major > 3 ? 1 : greeting.minor,
                metadata: metadata
            )
        case .error(let range):
            throw .refused(reason: String(decoding: body[range], as: UTF8.self))
        default:
            throw .malformedCommand("another command came before READY")
        }
    }
}
