package import Dissection
package import PGM

/// What tells streams apart. The GSI alone does not: every libzmq publisher draws the same one.
package struct StreamKey: Hashable {
    package var tap: Tap
    package var source: IPAddress
    package var session: TransportSessionID
    package var group: IPAddress
    /// The port data goes to, by PGM's header.
    package var dataPort: UInt16
    package var isUDP: Bool

    package init(
        tap: Tap,
        source: IPAddress,
        session: TransportSessionID,
        group: IPAddress,
        dataPort: UInt16,
        isUDP: Bool
    ) {
        self.tap = tap
        self.source = source
        self.session = session
        self.group = group
        self.dataPort = dataPort
        self.isUDP = isUDP
    }

    /// For packets that do not name the source by its address.
    struct Session: Hashable {
        var tap: Tap
        var session: TransportSessionID
    }

    /// A group at a tap.
    struct Group: Hashable {
        var tap: Tap
        var group: IPAddress
    }

    var tapGroup: Group { Group(tap: tap, group: group) }
    var tapSession: Session { Session(tap: tap, session: session) }
}
