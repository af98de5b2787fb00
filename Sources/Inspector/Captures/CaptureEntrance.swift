import Dissection

/// Where packets of one capture come in: says at which place each was seen, and which are copies of others.
struct CaptureEntrance {
    struct Place {
        var index: Int
        /// 0 for the way that the place is named after.
        var way: UInt32
    }

    /// Copies that were left out.
    private(set) var copyCount = 0

    private var plan: CapturePlaces
    /// By interface; filled as they appear.
    private var places: [Place] = []
    private var copies: [Int: CopyTable] = [:]
    private var watchedCount = 0
    /// Some packets come another way than others.
    private var hasWays = false

    init(_ plan: CapturePlaces) {
        self.plan = plan
    }

    mutating func separate(_ interface: Int) {
        plan.separate(CollectionOfOne(interface))
    }

    /// The place of an interface, for the report.
    func place(of interface: Int, continuing continued: Int?) -> Int {
        plan.place(of: interface, continuing: continued ?? interface)
    }

    /// The place of the packet, and the way it took there; `nil` before `discover`.
    @inline(__always)
    func place(of packet: CapturedPacket) -> Place? {
        packet.interface < places.count ? places[packet.interface] : nil
    }

    /// The same for a packet of an interface that may be new.
    mutating func discover(_ packet: CapturedPacket) -> Place {
        while places.count <= packet.interface {
            let interface = places.count
            let continued = interface == packet.interface ? packet.continuedInterface : interface
            let place = plan.place(of: interface, continuing: continued)
            places.append(
                Place(index: place, way: continued == place ? 0 : UInt32(clamping: continued + 1))
            )
        }
        if places.contains(where: { $0.way != 0 }) { hasWays = true }
        return places[packet.interface]
    }

    /// False, at little cost, when the packet need not be compared with others.
    @inline(__always)
    func isWatching(way: UInt64) -> Bool {
        way != 0 || hasWays || watchedCount < Self.watchedCountMax
    }

    /// Whether the place has seen this packet in another way.
    mutating func isCopy(
        _ dissection: DissectedPacket,
        at place: Int,
        way: UInt64,
        _ now: Int64
    ) -> Bool {
        watchedCount += 1
        if way != 0 { hasWays = true }
        guard let identity = PacketIdentity.hash(dissection),
            copies[place, default: CopyTable()].isCopy(identity, way: way, at: now)
        else { return false }
        copyCount += 1
        return true
    }

    /// So many packets are watched before it is clear that all come the same way.
    private static let watchedCountMax = 4_096
}
