public import Dissection

/// Finds out which interfaces of a capture are one place, from its first packets.
///
/// A packet that passed two interfaces was at two places, one after the other: the port it came in by, the port it left by. Interfaces that never show
/// the same packet are one place: the two directions of a tap, the queues of a card, the members of a bond, the sections of a long capture. An *any* interface
/// is all interfaces of its machine, so it is one place with them.
public struct PlaceSurvey: ~Copyable {
    /// How many packets tell enough.
    public static let packetCountMax = 100_000

    private let dissector: Dissector
    /// What each interface showed; those that go on with an earlier one count with it.
    private var identities: [Int: Set<UInt64>] = [:]
    /// Those with the header that only *any* captures have.
    private var cooked: Set<Int> = []
    private var packetCount = 0

    public init(options: DissectorOptions = DissectorOptions()) {
        dissector = Dissector(options: options)
    }

    /// Nothing more need be shown.
    public var isDone: Bool { packetCount >= Self.packetCountMax }

    public mutating func handle(_ packet: CapturedPacket) {
        packetCount += 1
        let dissection = dissector.dissect(packet, of: 0)
        guard let identity = PacketIdentity.hash(dissection) else { return }
        identities[packet.continuedInterface, default: []].insert(identity)
        if packet.linkType == .linuxSLL || packet.linkType == .linuxSLL2 {
            cooked.insert(packet.continuedInterface)
        }
    }

    public var places: CapturePlaces {
        var places = CapturePlaces()
        var groups: [[Int]] = []
        for interface in identities.keys.sorted() {
            let index = groups.firstIndex { group in
                !group.contains { showSame($0, interface) }
            }
            if let index { groups[index].append(interface) } else { groups.append([interface]) }
        }
        guard groups.count > 1 else { return .one }
        for group in groups {
            for interface in group { places.representatives[interface] = group[0] }
        }
        return places
    }

    /// More than a few packets that a loop or a flood may bring to both.
    private func showSame(_ left: Int, _ right: Int) -> Bool {
        guard !cooked.contains(left), !cooked.contains(right) else { return false }
        let left = identities[left] ?? []
        let right = identities[right] ?? []
        let (fewer, more) = left.count < right.count ? (left, right) : (right, left)
        let sharedCount = fewer.count { more.contains($0) }
        return sharedCount >= Self.sharedCountMin && sharedCount * 10 >= fewer.count
    }

    private static let sharedCountMin = 3
}
