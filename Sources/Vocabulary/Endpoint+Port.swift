extension Endpoint {
    /// The port, where the scheme has ports and it is known: `nil` for `ipc://`, `inproc://`, `fd://` and
    /// `vsock://`, whose ports are wider, and as long as it is `*` or 0, which let
    /// the system choose.
    public var port: Int? {
        let place: Substring
        switch scheme {
        case .ipc, .inproc, .fd, .vsock: return nil
        case .tcp, .pgm, .epgm, .udp: place = address[...]
        // A path follows.
        case .ws, .wss: place = address.prefix { $0 != "/" }
        }
        guard let colon = place.lastIndex(of: ":"),
            let port = UInt16(place[place.index(after: colon)...]), port > 0
        else { return nil }
        return Int(port)
    }

    /// Whether it names a host and a port of TCP.
    package var hasHost: Bool {
        switch scheme {
        case .tcp, .ws, .wss: true
        case .ipc, .inproc, .vsock, .fd, .udp, .pgm, .epgm: false
        }
    }
}
