import ZMTP

/// PUB: sends to every subscriber whose subscription matches (RFC 29). It cannot receive.
///
///     let publisher = Publisher()
///     try await publisher.bind("tcp://*:5556")
///     publisher.send(["weather.oslo", "-4 °C"])
public final class Publisher: PublishingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .pub, options: options)
    }
}
