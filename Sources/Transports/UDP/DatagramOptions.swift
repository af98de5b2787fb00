/// How a socket behaves at `udp://` endpoints. The interface of a group stands in the endpoint: `udp://eth0;239.192.1.1:5556`.
public struct DatagramOptions: Equatable, Sendable {
    /// How many routers a datagram to a group may pass: 0 to 255. 1 stays on the segment.
    public var hopCountMax = 1
    /// Whether what this machine sends to a group comes back to sockets on it.
    public var isLoopedBack = true
    /// The DSCP of what is sent, 0 to 63 (RFC 2474); `nil` = the system's choice. The whole field, libzmq's TOS, is four times that.
    public var dscp: Int?
    /// The interface, or VRF, whose datagrams alone are taken and by which all leave (`SO_BINDTODEVICE`), groups or not; at most 15 octets. A
    /// process without CAP_NET_RAW may set it once.
    public var device: String?
    /// The largest datagram that is sent or taken, 1 to 65,507 octets, with the group of a RADIO and one octet more. libzmq takes 8,192;
    /// above the network's own size, some 1,472, the loss of one fragment is the loss of all.
    public var datagramByteCountMax = 8192

    public init() {}

    /// What an option cannot be; `nil` when all is well.
    package var problem: String? {
        if !(0...255).contains(hopCountMax) { return "datagrams.hopCountMax goes from 0 to 255" }
        if let dscp, !(0...63).contains(dscp) { return "datagrams.dscp goes from 0 to 63" }
        if let device, !(1...15).contains(device.utf8.count) {
            return "datagrams.device is the name of an interface, 1 to 15 octets"
        }
        if !(1...65_507).contains(datagramByteCountMax) {
            return "datagrams.datagramByteCountMax goes from 1 to 65,507 octets"
        }
        return nil
    }
}
