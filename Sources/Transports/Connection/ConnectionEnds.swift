/// The two ends of one connection, as a monitor names them. Its text is the other end's.
public struct ConnectionEnds: Hashable, Sendable, CustomStringConvertible {
    /// A number that no other connection of this process has.
    public var connection: UInt64
    /// This end: `127.0.0.1:50312`, the path of an ipc socket, the name of an inproc endpoint.
    public var local: String
    /// The other end, in the same form; `local process` where it has no name.
    public var remote: String

    public init(connection: UInt64, local: String, remote: String) {
        self.connection = connection
        self.local = local
        self.remote = remote
    }

    public var description: String { remote }
}
