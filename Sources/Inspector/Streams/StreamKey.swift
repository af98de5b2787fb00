import PGM

/// What tells streams apart. The GSI alone does not: every libzmq publisher draws the same one.
struct StreamKey: Hashable {
    var tap: Tap
    var source: IPAddress
    var session: TransportSessionID
    var group: IPAddress
    /// The port data goes to, by PGM's header.
    var dataPort: UInt16
    var isUDP: Bool

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
