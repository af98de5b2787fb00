/// What one captured packet turned out to be. Everything in it is valid only until the dissector's next call.
public enum DissectedPacket {
    /// PGM, over IP or UDP.
    case pgm(PGMDatagram)
    /// Who joined or left which group: IGMP or MLD.
    case membership(MembershipMessage)
    case tcp(TCPSegment)
    case udp(UDPDatagram)
    /// Something else: ICMP, ARP, LLDP and the like.
    case unread(UnreadProtocol)
    /// A fragment that was kept; its datagram comes with the last one.
    case incomplete
    /// Could not be read, or a receiver's kernel would have thrown it away.
    case skipped(SkipReason)
}
