/// Why a packet was not read any further.
public enum SkipReason: String, Sendable, CaseIterable {
    case unsupportedLinkType = "unsupported-link-type"
    /// The capture's snap length or a broken sender left no whole header of the link layer.
    case shortLinkHeader = "short-link-header"
    case shortIPHeader = "short-ip-header"
    /// Version or lengths of the IP header contradict each other.
    case badIPHeader = "bad-ip-header"
    case badIPChecksum = "bad-ip-checksum"
    case badExtensionHeader = "bad-extension-header"
    case badFragment = "bad-fragment"
    /// Fragments of one datagram that contradict each other; the datagram is thrown away, as Linux does.
    case overlappingFragments = "overlapping-fragments"
    /// Of a tag, a tunnel or PPP.
    case shortTunnelHeader = "short-tunnel-header"
    case badTunnelHeader = "bad-tunnel-header"
    /// Headers inside headers, without end.
    case tooManyHeaders = "too-many-headers"
    case shortTransportHeader = "short-transport-header"
    case badTransportHeader = "bad-transport-header"
    case badMembershipMessage = "bad-membership-message"
    /// Of protocol 113 or on a forced port, and no PGM.
    case badPGMPacket = "bad-pgm-packet"

    /// For a person, to follow a number of packets: "12 packets: …".
    public var text: String {
        switch self {
        case .unsupportedLinkType: "a link type that is not read"
        case .shortLinkHeader: "too short for a link-layer header"
        case .shortIPHeader: "too short for an IP header"
        case .badIPHeader: "an IP header that contradicts itself"
        case .badIPChecksum:
            "a wrong IP header checksum, from a sender of right ones: every receiver drops it"
        case .badExtensionHeader: "an IPv6 extension header that contradicts itself"
        case .badFragment: "an IP fragment that no datagram can have"
        case .overlappingFragments: "IP fragments that overlap: receivers drop the datagram"
        case .shortTunnelHeader: "too short for the header of a tag, tunnel or PPP"
        case .badTunnelHeader: "the header of a tag, tunnel or PPP that contradicts itself"
        case .tooManyHeaders: "more headers inside each other than are followed"
        case .shortTransportHeader: "too short for a TCP, UDP or PGM header"
        case .badTransportHeader: "a TCP or UDP header that contradicts itself"
        case .badMembershipMessage: "an IGMP or MLD message that contradicts itself"
        case .badPGMPacket: "a PGM packet that contradicts itself"
        }
    }
}
