/// Takes captured packets apart, from the link layer to PGM, TCP, UDP and group membership.
///
/// ```
///   packet ─▶ link ─▶ tags, PPP, MPLS ─▶ IPv4, IPv6 ─▶ fragments ─▶ UDP ─▶ PGM? ─▶ DissectedPacket
///                       ▲                                  ├───────▶ PGM, TCP, IGMP, MLD ─┘
///                       └── GRE, VXLAN, IP in IP … ◀───────┘
/// ```
///
/// What it returns points into the packet, or into its own memory for datagrams that came in pieces: valid until the next
/// call. A datagram that the kernel had not yet cut into segments holds several PGM packets: `nextDissection` gives the
/// rest of them.
public final class Dissector {
    /// Behind a pointer, so that a packet passes without the run-time checks of exclusive access and without a copy.
    private let core: UnsafeMutablePointer<DissectorCore>

    public init(options: DissectorOptions = DissectorOptions()) {
        core = .allocate(capacity: 1)
        core.initialize(to: DissectorCore(options))
    }

    deinit {
        core.deinitialize(count: 1)
        core.deallocate()
    }

    /// Datagrams that were put together from fragments.
    public var reassembledCount: Int { core.pointee.reassembledCount }

    /// Datagrams of this capture whose fragments never were all there; complete after `handleEnd`.
    public func incompleteDatagramCount(of capture: Int) -> Int {
        core.pointee.incompleteDatagramCount(of: capture)
    }

    /// The headers around the datagram that was dissected last, the outermost first; empty for nearly every packet.
    public var outerLayers: [OuterLayer] { core.pointee.path.layers }

    public var hasOuterLayers: Bool { !core.pointee.path.layers.isEmpty }

    /// A number for the way on which the packet that was dissected last came to the interface: different, but for chance, for different outer headers and
    /// for different interfaces below an "any" capture; 0 where there is nothing of that kind.
    public var wayNumber: UInt64 { core.pointee.path.scope }

    /// Checksums of this capture that were left to a network card.
    public func unfilledSums(of capture: Int) -> UnfilledSums {
        let counts = core.pointee.sums.counts
        return capture < counts.count ? counts[capture] : UnfilledSums()
    }

    /// The captures have ended.
    public func handleEnd() {
        core.pointee.handleEnd()
    }

    @inline(__always)
    public func dissect(_ packet: CapturedPacket, of capture: Int) -> DissectedPacket {
        core.pointee.dissect(packet, of: capture, at: packet.interface, way: 0)
    }

    /// The same for a packet of a place that has several interfaces. `way` tells packets apart that came through different ones; 0 where nothing has to.
    @inline(__always)
    public func dissect(
        _ packet: CapturedPacket,
        of capture: Int,
        at place: Int,
        way: UInt32
    ) -> DissectedPacket {
        core.pointee.dissect(packet, of: capture, at: place, way: way)
    }

    /// The next PGM packet of the captured packet, if it held several. `nil` for all but a few.
    @inline(__always)
    public func nextDissection() -> DissectedPacket? {
        core.pointee.nextDissection()
    }
}
