import ZMTP

/// PAIR: talks to one other PAIR (RFC 31). While it has a peer, another one is refused.
///
///     let (near, far) = (Pair(), Pair())
///     try await near.bind("inproc://control")
///     try await far.connect("inproc://control")
///     try await far.send("ready")
///     print(try await near.receive()[0].text)
public final class Pair: PeerSocket, SendingSocket, ReceivingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(
            core: BalancedCore(type: .pair, options: options, peerCountMax: 1),
            options: options
        )
    }
}
