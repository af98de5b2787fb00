/// What one captured packet turned out to be. Everything in it is valid only until the dissector's next call.
public enum DissectedPacket {
    /// PGM, over IP or UDP.
    case pgm(PGMDatagram)
    /// Who joined or left which group: IGMP or MLD.
    case membership(MembershipMessage)
    case tcp(TCPSegment)
    case udp(UDPDatagram)
    /// A whole IP datagram of another protocol, for example 1 for ICMP.
    case other(protocolNumber: UInt8)
    /// Not IP at all: ARP, LLDP and the like.
    case notIP(etherType: UInt16)
    /// A fragment that was kept; its datagram comes with the last one.
    case incomplete
    /// Could not be read, or a receiver's kernel would have thrown it away.
    case skipped(SkipReason)
}
