extension Endpoint {
    /// The port, where the scheme has ports and it is known: `nil` for `ipc://` and `inproc://`, and as long as it is `*` or 0, which let
    /// the system choose.
    public var port: Int? {
        let place: Substring
        switch scheme {
        case .ipc, .inproc: return nil
        case .tcp, .pgm, .epgm: place = address[...]
        // A path follows.
        case .ws, .wss: place = address.prefix { $0 != "/" }
        }
        guard let colon = place.lastIndex(of: ":"),
            let port = UInt16(place[place.index(after: colon)...]), port > 0
        else { return nil }
        return Int(port)
    }
}
