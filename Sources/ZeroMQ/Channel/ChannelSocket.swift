import ZMTP

/// CHANNEL: talks to one other CHANNEL (RFC 52): a PAIR for messages of one frame. While it has a peer, another one is refused.
///
///     let (near, far) = (ChannelSocket(), ChannelSocket())
///     try await near.bind("inproc://control")
///     try await far.connect("inproc://control")
///     try await far.send("ready")
public final class ChannelSocket: PeerSocket, SendingSocket, ReceivingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(
            core: BalancedCore(
                type: .channel,
                options: options,
                peerCountMax: 1,
                allowsMultipart: false
            ),
            options: options
        )
    }
}
