public import PGM

/// One PGM packet and what carried it. Everything in it is valid only during the call.
public struct PGMDatagram {
    public var datagram: Datagram
    public var encapsulation: Encapsulation
    public var packet: PacketView
    public var checksum: ChecksumState

    public init(
        datagram: Datagram,
        encapsulation: Encapsulation,
        packet: PacketView,
        checksum: ChecksumState
    ) {
        self.datagram = datagram
        self.encapsulation = encapsulation
        self.packet = packet
        self.checksum = checksum
    }
}
