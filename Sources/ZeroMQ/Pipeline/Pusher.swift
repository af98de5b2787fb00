import ZMTP

/// PUSH: sends each message to the next peer in turn that has room (RFC 30). It cannot receive.
///
///     let tasks = Pusher()
///     try await tasks.bind("tcp://*:5557")
///     for number in 0..<1_000 { try await tasks.send("task \(number)") }
///
/// Without a peer that has room, `send` waits. What waits for a worker that goes away is sent to another one.
public final class Pusher: PeerSocket, SendingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(
            core: BalancedCore(type: .push, options: options, receives: false),
            options: options
        )
    }
}
