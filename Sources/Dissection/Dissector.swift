/// Takes captured packets apart, from the link layer to PGM, TCP, UDP and group membership.
///
/// ```
///   packet ─▶ link ─▶ IPv4, IPv6 ─▶ fragments ─▶ UDP ─▶ PGM? ─▶ DissectedPacket
///                                       └───────▶ PGM, TCP, IGMP, MLD ─┘
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

    /// The captures have ended.
    public func handleEnd() {
        core.pointee.handleEnd()
    }

    @inline(__always)
    public func dissect(_ packet: CapturedPacket, of capture: Int) -> DissectedPacket {
        core.pointee.dissect(packet, of: capture)
    }

    /// The next PGM packet of the captured packet, if it held several. `nil` for all but a few.
    @inline(__always)
    public func nextDissection() -> DissectedPacket? {
        core.pointee.nextDissection()
    }
}
