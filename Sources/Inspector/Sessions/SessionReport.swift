/// What was seen of one connection.
public struct SessionReport: Sendable {
    /// Index of the capture.
    public var capture: Int
    public var client: SocketAddress
    public var server: SocketAddress

    public init(capture: Int, client: SocketAddress, server: SocketAddress) {
        self.capture = capture
        self.client = client
        self.server = server
    }
}
