/// What a packet's own checksum says about it.
public enum ChecksumState: Sendable, Equatable {
    case valid
    case invalid
    /// The sender made none: zero on the wire.
    case absent
    /// The snap length cut octets off that it covers.
    case unknown
}
