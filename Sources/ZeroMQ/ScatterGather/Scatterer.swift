import ZMTP

/// SCATTER: sends each message to the next GATHER in turn that has room (RFC 49): a PUSH for messages of one frame.
///
///     let ventilator = Scatterer()
///     try await ventilator.bind("tcp://*:5557")
///     try await ventilator.send("a task")
public final class Scatterer: PeerSocket, SendingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(
            core: BalancedCore(
                type: .scatter,
                options: options,
                receives: false,
                allowsMultipart: false
            ),
            options: options
        )
    }
}
