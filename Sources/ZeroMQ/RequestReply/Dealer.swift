import ZMTP

/// DEALER: sends each message to the next peer in turn that has room and receives from all of them in turn (RFC 28): a REQ or REP without
/// lockstep.
///
///     let dealer = Dealer()
///     try await dealer.connect("tcp://broker.local:5555")
///     try await dealer.send(["", "a request"])
///     print(try await dealer.receive())
///
/// To a REP the empty frame is what ends the envelope: without it the message is thrown away there. `request` sees to that.
public final class Dealer: PeerSocket, SendingSocket, ReceivingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(core: BalancedCore(type: .dealer, options: options), options: options)
    }
}
