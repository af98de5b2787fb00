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

    var tapSession: Session { Session(tap: tap, session: session) }
}
