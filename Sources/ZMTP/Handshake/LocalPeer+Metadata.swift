extension LocalPeer {
    /// What this side says of itself, in whichever command its mechanism has for that.
    var metadata: Metadata {
        var metadata = Metadata()
        metadata.append("Socket-Type", socketType.rawValue.utf8)
        if !routingID.isEmpty { metadata.append("Identity", routingID) }
        if let advice { metadata.append(Self.adviceName, advice.utf8) }
        for property in properties.properties { metadata.append(property.name, property.value) }
        return metadata
    }

    /// The peer that says this of itself, if this side may talk to it.
    func recognize(
        _ metadata: Metadata,
        minorVersion: UInt8,
        _ admission: Admission
    ) throws(HandshakeFailure) -> RemotePeer {
        let announced = metadata["Socket-Type"]
        guard
            let text = announced.flatMap({ String(validating: $0, as: UTF8.self) }),
            let type = SocketType(rawValue: text), socketType.accepts(type)
        else {
            let name = announced.map { HandshakeFailure.printable($0.prefix(32)) }
            throw .incompatibleSocketType(
                local: socketType,
                peer: name ?? "(none)",
                advice: advice(to: name.flatMap { SocketType(rawValue: $0) }, metadata)
            )
        }
        var peer = RemotePeer(
            socketType: type,
            minorVersion: minorVersion,
            metadata: metadata,
            userID: admission.userID
        )
        peer.admissionMetadata = admission.metadata
        return peer
    }

    /// What to do instead, from whichever side knows it; it concerns who is on the same side of the pattern.
    private func advice(to peer: SocketType?, _ metadata: Metadata) -> String? {
        guard let peer, peer.peers == socketType.peers else { return nil }
        return advice
            ?? metadata[Self.adviceName].map { HandshakeFailure.printable($0.prefix(120)) }
    }
}
