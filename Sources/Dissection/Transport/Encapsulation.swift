/// What carries a PGM packet.
public enum Encapsulation: Sendable, Equatable {
    /// IP protocol 113 (`pgm://`).
    case ip
    /// UDP (`epgm://`). The source port tells nothing: one publisher uses several.
    case udp(sourcePort: UInt16, destinationPort: UInt16)
}
