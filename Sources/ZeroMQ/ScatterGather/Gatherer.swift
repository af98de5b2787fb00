import ZMTP

/// GATHER: receives from all SCATTERs, one message of each in turn (RFC 49): a PULL for messages of one frame. It cannot send.
///
///     let sink = Gatherer()
///     try await sink.bind("tcp://*:5558")
///     for await result in sink.messages { collect(result[0]) }
public final class Gatherer: PeerSocket, ReceivingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(
            core: BalancedCore(
                type: .gather,
                options: options,
                sends: false,
                allowsMultipart: false
            ),
            options: options
        )
    }
}
