import Simulation
import Testing
import Wire

@Suite struct DatagramNetworkTests {
    /// Sends `count` numbered datagrams from a node to a group of `memberCount` others; who got which, in order.
    private func run(
        _ options: DatagramOptions,
        memberCount: Int = 3,
        count: UInt8 = 200,
        prepare: (inout DatagramNetwork, NodeID, [NodeID]) -> Void = { _, _, _ in }
    ) -> (received: [[UInt8]], counters: DatagramCounters) {
        var network = DatagramNetwork(options)
        let sender = network.addNode()
        let members = (0..<memberCount).map { _ in network.addNode() }
        let group = network.addGroup()
        for member in members { network.join(group, member) }
        prepare(&network, sender, members)
        for number in 0..<count {
            let time = Instant(nanoseconds: Int64(number) * 10_000)
            network.setAlarm(UInt64(number), of: sender, at: time)
        }
        var received = [[UInt8]](repeating: [], count: memberCount)
        while let event = network.nextEvent() {
            switch event {
            case .alarm(let number, let node):
                network.send([UInt8(number)], from: node, to: .group(group))
            case .received(let octets, _, _, let node):
                guard let index = members.firstIndex(of: node) else { continue }
                received[index].append(octets[0])
            }
        }
        return (received, network.counters)
    }

    @Test func `without faults every member gets everything in order`() {
        let (received, counters) = run(DatagramOptions(seed: 1))
        #expect(received.allSatisfy { $0 == Array(0..<200) })
        #expect(counters.sent == 200 && counters.received == 600 && counters.lost == 0)
    }

    @Test func `members lose on their own`() {
        var options = DatagramOptions(seed: 2)
        options.loss = 0.1
        let (received, counters) = run(options)
        #expect(received[0] != received[1])
        #expect(received.allSatisfy { $0 == $0.sorted() })
        #expect(counters.lost + counters.received == 600)
        #expect((30...90).contains(counters.lost))
    }

    @Test func `a node can lose more than others`() {
        let (received, _) = run(DatagramOptions(seed: 3)) { network, _, members in
            network.setInboundLoss(1, of: members[1])
        }
        #expect(received.map(\.count) == [200, 0, 200])
    }

    @Test func `duplication and reordering happen`() {
        var options = DatagramOptions(seed: 4)
        options.duplication = 0.1
        options.reordering = 0.1
        let (received, counters) = run(options)
        #expect(counters.doubled > 0 && counters.reordered > 0)
        #expect(received.allSatisfy { Set($0).count == 200 })
        #expect(received.contains { $0 != $0.sorted() })
        #expect(counters.received == 600 + counters.doubled)
    }

    @Test func `nothing passes a cut, in either direction, until it is healed`() {
        let (received, _) = run(DatagramOptions(seed: 5)) { network, sender, members in
            network.cut(members[0], sender)
            network.cut(sender, members[2])
            network.heal(members[2], sender)
        }
        #expect(received.map(\.count) == [0, 200, 200])
    }

    @Test func `a crashed node hears nothing, and its alarms do not ring`() {
        var network = DatagramNetwork(DatagramOptions(seed: 6))
        let (one, other) = (network.addNode(), network.addNode())
        network.setAlarm(1, of: other, at: Instant(nanoseconds: 1))
        network.send([1], from: one, to: .node(other))
        network.crash(other)
        if let event = network.nextEvent() { Issue.record("nothing was to happen, but \(event)") }
        network.restart(other)
        network.send([2], from: one, to: .node(other))
        guard case .received([2], _, .node(other), other) = network.nextEvent() else {
            Issue.record("the restarted node did not hear")
            return
        }
    }

    @Test func `a seed repeats a run`() {
        var options = DatagramOptions(seed: 7)
        options.loss = 0.2
        options.duplication = 0.2
        options.reordering = 0.2
        #expect(run(options).received == run(options).received)
        var other = options
        other.seed = 8
        #expect(run(options).received != run(other).received)
    }
}
