import ZMTP

/// PULL: receives from all its peers, one message of each in turn (RFC 30). It cannot send.
///
///     let worker = Puller()
///     try await worker.connect("tcp://ventilator.local:5557")
///     for await task in worker.messages { work(on: task) }
public final class Puller: PeerSocket, ReceivingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(
            core: BalancedCore(type: .pull, options: options, sends: false),
            options: options
        )
    }
}
