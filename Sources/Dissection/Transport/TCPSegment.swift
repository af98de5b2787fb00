/// One TCP segment; options are left out. The payload is valid only during the call.
public struct TCPSegment {
    public struct Flags: OptionSet, Sendable, Hashable {
        public var rawValue: UInt8

        public init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        public static let fin = Flags(rawValue: 0x01)
        public static let syn = Flags(rawValue: 0x02)
        public static let rst = Flags(rawValue: 0x04)
        public static let psh = Flags(rawValue: 0x08)
        public static let ack = Flags(rawValue: 0x10)
        public static let urg = Flags(rawValue: 0x20)
    }

    public var datagram: Datagram
    public var sourcePort: UInt16
    public var destinationPort: UInt16
    public var sequence: UInt32
    public var acknowledgement: UInt32
    public var flags: Flags
    /// As on the wire, not scaled.
    public var window: UInt16
    public var payload: UnsafeRawBufferPointer
    /// Octets of the payload that the capture's snap length cut off.
    public var missingByteCount: Int { datagram.missingByteCount }

    public init(
        datagram: Datagram,
        sourcePort: UInt16,
        destinationPort: UInt16,
        sequence: UInt32,
        acknowledgement: UInt32,
        flags: Flags,
        window: UInt16,
        payload: UnsafeRawBufferPointer
    ) {
        self.datagram = datagram
        self.sourcePort = sourcePort
        self.destinationPort = destinationPort
        self.sequence = sequence
        self.acknowledgement = acknowledgement
        self.flags = flags
        self.window = window
        self.payload = payload
    }
}
