/// One whole IP datagram, reassembled if it came in fragments. The payload is valid only during the call.
public struct Datagram {
    /// Index of the capture it was seen in.
    public var capture: Int
    /// Index of the interface within the capture.
    public var interface: Int
    /// The packet (of fragments: the last) that completed it, counted from 1.
    public var packetNumber: Int
    /// Since 1970, UTC.
    public var nanoseconds: Int64
    public var source: IPAddress
    public var destination: IPAddress
    /// IP protocol number, after IPv6 extension headers.
    public var protocolNumber: UInt8
    /// TTL, or IPv6's hop limit.
    public var timeToLive: UInt8
    /// DSCP and ECN, or IPv6's traffic class.
    public var trafficClass: UInt8
    public var isReassembled: Bool
    /// Octets of the payload that the capture's snap length cut off.
    public var missingByteCount: Int
    public var payload: UnsafeRawBufferPointer

    public init(
        capture: Int,
        interface: Int,
        packetNumber: Int,
        nanoseconds: Int64,
        source: IPAddress,
        destination: IPAddress,
        protocolNumber: UInt8,
        timeToLive: UInt8,
        trafficClass: UInt8,
        isReassembled: Bool,
        missingByteCount: Int,
        payload: UnsafeRawBufferPointer
    ) {
        self.capture = capture
        self.interface = interface
        self.packetNumber = packetNumber
        self.nanoseconds = nanoseconds
        self.source = source
        self.destination = destination
        self.protocolNumber = protocolNumber
        self.timeToLive = timeToLive
        self.trafficClass = trafficClass
        self.isReassembled = isReassembled
        self.missingByteCount = missingByteCount
        self.payload = payload
    }
}
