import Simulation
import Testing

@testable import Patterns

@Suite struct LoadBalancerTests {
    private static func balancer(_ slots: Int...) -> LoadBalancer {
        var balancer = LoadBalancer()
        for slot in slots { balancer.add(slot) }
        return balancer
    }

    private static func turns(_ balancer: inout LoadBalancer, _ count: Int) -> [Int] {
        (0..<count).compactMap { _ in balancer.next() }
    }

    /// RFC 30, "PUSH": "SHALL route outgoing messages to available peers using a round-robin strategy".
    @Test func `each peer gets a message in turn`() {
        var balancer = Self.balancer(4, 0, 7)
        #expect(Self.turns(&balancer, 7) == [4, 0, 7, 4, 0, 7, 4])
    }

    /// RFC 30, "PUSH": "SHALL consider a peer as available only when it has an outgoing queue that is not full".
    @Test func `a full peer is passed over until it has room`() {
        var balancer = Self.balancer(0, 1, 2)
        balancer.setAvailable(1, false)
        #expect(Set(Self.turns(&balancer, 4)) == [0, 2])
        balancer.setAvailable(1, true)
        #expect(Set(Self.turns(&balancer, 3)) == [0, 1, 2])
    }

    @Test func `nobody with room gets nothing`() {
        var balancer = Self.balancer(3)
        balancer.setAvailable(3, false)
        #expect(balancer.next() == nil)
        #expect(balancer.count == 1)
        balancer.setAvailable(3, true)
        #expect(balancer.next() == 3)
        balancer.remove(3)
        #expect(balancer.next() == nil)
        #expect(balancer.count == 0)
    }

    /// Beside a set: whoever has room, and nobody else, is served, and nobody twice before all were.
    @Test(arguments: 0..<50 as Range<UInt64>)
    func `peers come, go, fill up and drain in any order`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var balancer = LoadBalancer()
        var room: [Int: Bool] = [:]
        for _ in 0..<500 {
            let slot = Int.random(in: 0..<12, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0 where room[slot] == nil:
                balancer.add(slot)
                room[slot] = true
            case 1:
                balancer.remove(slot)
                room[slot] = nil
            case 2, 3:
                let isAvailable = Bool.random(using: &generator)
                balancer.setAvailable(slot, isAvailable)
                if room[slot] != nil { room[slot] = isAvailable }
            default: break
            }
            let available = Set(room.filter(\.value).keys)
            #expect(balancer.count == room.count)
            #expect(balancer.availableCount == available.count)
            let served = Self.turns(&balancer, available.count)
            #expect(Set(served) == available, "seed \(seed)")
        }
    }
}
