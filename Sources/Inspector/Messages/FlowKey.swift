public import Dissection
public import PGM

/// What names a flow of messages the same way at every tap that sees it.
public enum FlowKey: Hashable, Sendable {
    /// A PGM source's stream to a group. `destinationPort` is that of the PGM header.
    case pgm(
        source: IPAddress,
        session: TransportSessionID,
        group: IPAddress,
        destinationPort: UInt16
    )
    /// One direction of a TCP connection. `connection` counts connections that reuse both ports in one capture.
    case tcp(source: SocketAddress, destination: SocketAddress, connection: Int)
}

/// One end of a connection.
public struct SocketAddress: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var address: IPAddress
    public var port: UInt16

    public init(address: IPAddress, port: UInt16) {
        self.address = address
        self.port = port
    }

    public static func < (left: SocketAddress, right: SocketAddress) -> Bool {
        left.address != right.address ? left.address < right.address : left.port < right.port
    }

    /// `10.77.0.1:5555`, `[2001:db8::1]:5555`.
    public var description: String {
        address.family == .v6 ? "[\(address)]:\(port)" : "\(address):\(port)"
    }
}
