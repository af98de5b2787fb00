/// One UDP datagram that is no PGM. The payload is valid only during the call.
public struct UDPDatagram {
    public var datagram: Datagram
    public var sourcePort: UInt16
    public var destinationPort: UInt16
    public var payload: UnsafeRawBufferPointer
    /// Octets of the payload that the capture's snap length cut off.
    public var missingByteCount: Int { datagram.missingByteCount }

    public init(
        datagram: Datagram,
        sourcePort: UInt16,
        destinationPort: UInt16,
        payload: UnsafeRawBufferPointer
    ) {
        self.datagram = datagram
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.payload = payload
    }
}
