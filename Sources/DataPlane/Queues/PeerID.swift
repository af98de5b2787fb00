package import Transports

/// The peer a message came from: a connection's number, never used twice in this process.
package struct PeerID: Hashable, Sendable {
    package let rawValue: UInt64

    package init(_ connection: Connection) {
        rawValue = connection.id
    }

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// Where there is no connection: messages of multicast sources, news of this side's own.
    package static let none = PeerID(rawValue: 0)
}
