extension Endpoint {
    /// The port, where the scheme has ports and it is known: `nil` for `ipc://` and `inproc://`, and as long as it is `*` or 0, which let
    /// the system choose.
    public var port: Int? {
        switch scheme {
        case .ipc, .inproc: return nil
        case .tcp, .pgm, .epgm: break
        }
        guard let colon = address.lastIndex(of: ":"),
            let port = UInt16(address[address.index(after: colon)...]), port > 0
        else { return nil }
        return Int(port)
    }
}
