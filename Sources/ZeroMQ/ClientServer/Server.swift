import ZMTP

/// SERVER: receives from any number of CLIENTs in turn and answers each by its routing id (RFC 41): a ROUTER for messages of one frame, whose
/// envelope is a number and no frame.
///
///     let server = Server()
///     try await server.bind("tcp://*:5555")
///     for await request in server.messages {
///         try await server.send("you said \(request.message[0].text)", to: request.routingID)
///     }
///
/// A message of several frames is dropped as it arrives, and counted as malformed.
public final class Server: RoutedSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .server, options: options)
    }
}
