import ZMTP

/// CLIENT: sends each message to the next SERVER in turn that has room and receives from all of them in turn (RFC 41): a DEALER for messages of
/// one frame.
///
///     let client = Client()
///     try await client.connect("tcp://server.local:5555")
///     try await client.send("hello")
///     print(try await client.receive()[0].text)
///
/// A message of several frames is not sent: `trySend` gives `multipart`, `send` throws it. One that arrives is dropped and counted.
public final class Client: PeerSocket, SendingSocket, ReceivingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(
            core: BalancedCore(type: .client, options: options, allowsMultipart: false),
            options: options
        )
    }
}
