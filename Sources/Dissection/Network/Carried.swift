/// What a header says comes next.
enum Carried: Equatable {
    case etherType(UInt16)
    case ethernet
    case ipv4, ipv6
    /// The first octet says which.
    case ip
    /// IEEE 802.2, behind a length where an EtherType would be.
    case llc
    /// From an address and control field that may be there on.
    case ppp
    case pppProtocol
    /// PPP or Cisco's HDLC.
    case hdlc
    case ciscoHDLC
    case nflog
    case mpls
    /// Below the last label: nothing says what it is.
    case mplsPayload(label: UInt32)
    case gre
    case erspan1, erspan2, erspan3
    /// Four octets of a web cache's, then IPv4.
    case wccp
    case nsh
    case unread(UnreadProtocol)
}
