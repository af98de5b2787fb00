public import Dissection

/// One input: what it is, how much of it was read, and what was not.
public struct CaptureReport: Sendable, Equatable {
    public struct Interface: Sendable, Equatable {
        /// As the capture names it; `nil` where it does not.
        public var name: String?
        public var linkType: String
        /// Octets kept of a packet; 0 for no limit.
        public var snapLength: Int
        public var packetCount: Int
        /// Packets the capturing machine could not keep up with; `nil` when it does not say.
        public var dropCount: Int?
        /// The interface after which its place is called; interfaces of one place have the same. `nil`: it is a place of its own.
        public var place: Int?

        public init(
            name: String?,
            linkType: String,
            snapLength: Int,
            packetCount: Int = 0,
            dropCount: Int? = nil,
            place: Int? = nil
        ) {
            self.place = place
            self.name = name
            self.linkType = linkType
            self.snapLength = snapLength
            self.packetCount = packetCount
            self.dropCount = dropCount
        }
    }

    /// Why packets, or parts of the file, were not analysed.
    public struct Skip: Sendable, Equatable {
        /// Stable, for programs: `short-ip-header`.
        public var code: String
        /// For a person: `too short for an IP header`.
        public var reason: String
        public var count: Int
        /// The first packet it happened to, counted from 1; `nil` when it is not about a packet.
        public var firstPacketNumber: Int?

        public init(code: String, reason: String, count: Int, firstPacketNumber: Int? = nil) {
            self.code = code
            self.reason = reason
            self.count = count
            self.firstPacketNumber = firstPacketNumber
        }
    }

    /// Headers around datagrams, and how many packets had them.
    public struct Tunnel: Sendable, Equatable {
        /// The outermost first.
        public var layers: [OuterLayer]
        public var packetCount: Int

        public init(layers: [OuterLayer], packetCount: Int) {
            self.layers = layers
            self.packetCount = packetCount
        }
    }

    /// What some packets carry and is not read any further.
    public struct Unread: Sendable, Equatable {
        public var what: UnreadProtocol
        public var count: Int
        /// Counted from 1.
        public var firstPacketNumber: Int

        public init(what: UnreadProtocol, count: Int, firstPacketNumber: Int) {
            self.what = what
            self.count = count
            self.firstPacketNumber = firstPacketNumber
        }
    }

    /// File or interface, as the user named it.
    public var name: String
    /// Where it was taken, when the user said so.
    public var node: String?
    /// `pcap, microseconds, little-endian` …
    public var format: String
    public var interfaces: [Interface]
    public var packetCount: Int
    /// Octets as they were on the wire.
    public var byteCount: Int
    public var firstNanoseconds: Int64?
    public var lastNanoseconds: Int64?
    public var skips: [Skip]
    /// Packets that the snap length cut.
    public var truncatedCount: Int
    /// Packets whose time is before that of the packet in front of them.
    public var backwardTimeCount: Int
    /// The files of one capture that was written in several, in order; empty when it is one.
    public var files: [String] = []
    /// The busiest first; bounded, `leftOutTunnelPacketCount` has the rest.
    public var tunnels: [Tunnel] = []
    public var leftOutTunnelPacketCount = 0
    /// The most frequent first; bounded, `leftOutUnreadCount` has the rest.
    public var unread: [Unread] = []
    public var leftOutUnreadCount = 0
    /// Packets that a place had seen in another way: through another of its interfaces, or in another tunnel. They count once.
    public var copyCount = 0
    /// Checksums that senders left to their network cards.
    public var unfilledSums = UnfilledSums()
    /// Packets of which more octets are kept than there were, if one believes their record.
    public var excessLengthCount = 0

    public init(
        name: String,
        node: String? = nil,
        format: String = "",
        interfaces: [Interface] = [],
        packetCount: Int = 0,
        byteCount: Int = 0,
        firstNanoseconds: Int64? = nil,
        lastNanoseconds: Int64? = nil,
        skips: [Skip] = [],
        truncatedCount: Int = 0,
        backwardTimeCount: Int = 0
    ) {
        self.name = name
        self.node = node
        self.format = format
        self.interfaces = interfaces
        self.packetCount = packetCount
        self.byteCount = byteCount
        self.firstNanoseconds = firstNanoseconds
        self.lastNanoseconds = lastNanoseconds
        self.skips = skips
        self.truncatedCount = truncatedCount
        self.backwardTimeCount = backwardTimeCount
    }

    /// The interface after which the place of this one is called.
    public func place(of interface: Int) -> Int { interfaces[interface].place ?? interface }

    /// What capturing lost itself, over all interfaces; `nil` when no interface says.
    public var dropCount: Int? {
        let counts = interfaces.compactMap(\.dropCount)
        return counts.isEmpty
            ? nil : counts.reduce(0) { $0.addingReportingOverflow($1).partialValue }
    }
}
