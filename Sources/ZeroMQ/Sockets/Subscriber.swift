import ZMTP

/// SUB: receives the messages whose beginning it has subscribed to (RFC 29). It cannot send.
///
///     let subscriber = Subscriber()
///     try await subscriber.connect("tcp://station.local:5556")
///     try await subscriber.subscribe(to: "weather.")
///     for await message in subscriber.messages { print(message[0].text, message[1].text) }
public final class Subscriber: SubscribingSocket, @unchecked Sendable {
    public init(options: SocketOptions = SocketOptions()) {
        super.init(type: .sub, options: options)
    }
}
