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
    private var core: DissectorCore

    public init(options: DissectorOptions = DissectorOptions()) {
        core = DissectorCore(options)
    }

    /// Datagrams that were put together from fragments.
    public var reassembledCount: Int { core.reassembledCount }

    /// Datagrams of this capture whose fragments never were all there; complete after `handleEnd`.
    public func incompleteDatagramCount(of capture: Int) -> Int {
        core.incompleteDatagramCount(of: capture)
    }

    /// The captures have ended.
    public func handleEnd() {
        core.handleEnd()
    }

    @inline(__always)
    public func dissect(_ packet: CapturedPacket, of capture: Int) -> DissectedPacket {
        core.dissect(packet, of: capture)
    }

    /// The next PGM packet of the captured packet, if it held several. `nil` for all but a few.
    @inline(__always)
    public func nextDissection() -> DissectedPacket? {
        core.nextDissection()
    }
}
