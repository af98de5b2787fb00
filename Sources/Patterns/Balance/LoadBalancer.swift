/// Whose turn it is to get the next message: each peer in turn that has room (RFC 28 "DEALER", RFC 30 "PUSH": round-robin among available peers).
///
///     slots   [ 4  0  7 | 2  5 ]
///               ▲ turn    └──┴─ full: they are asked again when they have room
///
/// Peers are numbered by slots, small numbers that are used again. Every operation takes the same time however many there are.
public struct LoadBalancer: Sendable {
    /// Those with room first.
    private var slots: [Int] = []
    /// By slot: where it stands in `slots`; -1 where there is no such peer.
    private var places: [Int] = []
    /// How many have room.
    public private(set) var availableCount = 0
    private var turn = 0

    public init() {}

    /// How many peers there are.
    public var count: Int { slots.count }

    /// A new peer; it has room.
    public mutating func add(_ slot: Int) {
        while places.count <= slot { places.append(-1) }
        precondition(places[slot] < 0, "the peer is there already")
        places[slot] = slots.count
        slots.append(slot)
        setAvailable(slot, true)
    }

    /// The peer is gone.
    public mutating func remove(_ slot: Int) {
        guard contains(slot) else { return }
        setAvailable(slot, false)
        swap(places[slot], slots.count - 1)
        slots.removeLast()
        places[slot] = -1
    }

    /// Whether the peer has room.
    public mutating func setAvailable(_ slot: Int, _ isAvailable: Bool) {
        guard contains(slot), isAvailable != (places[slot] < availableCount) else { return }
        if isAvailable {
            swap(places[slot], availableCount)
            availableCount += 1
        } else {
            availableCount -= 1
            swap(places[slot], availableCount)
            if turn == availableCount { turn = 0 }
        }
    }

    /// The peer that gets the next message; `nil` when nobody has room.
    public mutating func next() -> Int? {
        guard availableCount > 0 else { return nil }
        defer { turn = turn + 1 == availableCount ? 0 : turn + 1 }
        return slots[turn]
    }

    private func contains(_ slot: Int) -> Bool { slot < places.count && places[slot] >= 0 }

    private mutating func swap(_ left: Int, _ right: Int) {
        guard left != right else { return }
        slots.swapAt(left, right)
        places[slots[left]] = left
        places[slots[right]] = right
    }
}
