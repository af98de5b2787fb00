/// An interface of a capture, as its file describes it.
public struct CaptureInterface: Sendable, Equatable {
    public var name: String?
    public var note: String?
    public var filter: String?
    public var linkType: LinkType
    /// 0 when the capture does not say.
    public var snapLength: Int
    public var packetCount = 0
    /// Packets that the snap length cut.
    public var cutPacketCount = 0
    public var drops = CaptureDrops()
    /// The interface of an earlier section, or of an earlier file of the same capture, that this one goes on with.
    public var continued: Int?

    public init(linkType: LinkType, snapLength: Int) {
        self.linkType = linkType
        self.snapLength = snapLength
    }
}

/// Packets that the capture itself lost; no receiver needs to have missed them. `nil` where nobody counted.
public struct CaptureDrops: Sendable, Equatable {
    /// For want of buffers in the kernel (pcapng isb_osdrop, libpcap ps_drop).
    public var kernel: Int?
    /// In the interface or its driver (isb_ifdrop, ps_ifdrop).
    public var interface: Int?
    /// Counted packet by packet (epb_dropcount); part of the others when those are known.
    public var betweenPackets: Int?

    public init(kernel: Int? = nil, interface: Int? = nil, betweenPackets: Int? = nil) {
        self.kernel = kernel
        self.interface = interface
        self.betweenPackets = betweenPackets
    }

    /// The best count there is, `nil` when nobody counted.
    public var total: Int? {
        if kernel == nil, interface == nil { return betweenPackets }
        let counted = (kernel ?? 0).addingReportingOverflow(interface ?? 0)
        return max(counted.overflow ? .max : counted.partialValue, betweenPackets ?? 0)
    }
}

extension CaptureInterface {
    /// Whether this describes what the other did: a section that follows repeats its interfaces.
    public func isSame(as other: CaptureInterface) -> Bool {
        name == other.name && linkType == other.linkType && note == other.note
    }
}
