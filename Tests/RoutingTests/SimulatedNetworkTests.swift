import Simulation
import Testing
import Wire

/// The network that other tests stand on.
@Suite struct SimulatedNetworkTests {
    private typealias Network = SimulatedNetwork<Int, String>

    @Test func `events of one instant come in the order of adding`() {
        var queue = EventQueue<Int>()
        var generator = SeededGenerator(seed: 1)
        var expected: [(Int64, Int)] = []
        for number in 0..<500 {
            let time = Int64.random(in: 0..<20, using: &generator)
            queue.add(number, at: Instant(nanoseconds: time))
            expected.append((time, number))
        }
        expected.sort { $0 < $1 }
        for (time, number) in expected {
            let next = queue.next()
            #expect(next?.time == Instant(nanoseconds: time))
            #expect(next?.event == number)
        }
        #expect(queue.isEmpty)
    }

    @Test func `a stream keeps its order and ends after its last packet`() {
        for seed in 0..<20 as Range<UInt64> {
            var network = Network(NetworkOptions(seed: seed))
            let (dialler, listener) = (network.addNode(), network.addNode())
            let id = network.connect(from: dialler, to: listener)
            var arrived: [Int] = []
            var isClosed = false
            while let event = network.nextEvent() {
                switch event {
                case .opened(_, let node) where node == dialler:
                    for packet in 0..<50 { network.send(packet, on: id, from: dialler) }
                    network.close(id, at: dialler)
                case .received(let packet, _, let node):
                    #expect(node == listener && !isClosed, "seed \(seed)")
                    arrived.append(packet)
                case .closed(_, let node):
                    #expect(node == listener, "seed \(seed)")
                    isClosed = true
                default: break
                }
            }
            #expect(arrived == Array(0..<50), "seed \(seed)")
            #expect(isClosed, "seed \(seed)")
        }
    }

    @Test func `a dead node does not answer, a living one learns of a crash`() {
        var network = Network(NetworkOptions(seed: 3))
        let (one, other) = (network.addNode(), network.addNode())
        network.crash(other)
        let failing = network.connect(from: one, to: other)
        guard case .failed(failing, one) = network.nextEvent() else {
            Issue.record("a dial to a dead node must fail")
            return
        }
        network.restart(other)
        let id = network.connect(from: one, to: other)
        while let event = network.nextEvent() {
            if case .opened(id, one) = event { break }
        }
        network.setAlarm("never", of: other, after: .seconds(1))
        network.crash(other)
        guard case .closed(id, one) = network.nextEvent() else {
            Issue.record("the crash must be noticed")
            return
        }
        #expect(network.nextEvent() == nil)
    }

    @Test func `a cut loses what is under way and both ends notice`() {
        var network = Network(NetworkOptions(seed: 4))
        let (one, other) = (network.addNode(), network.addNode())
        let id = network.connect(from: one, to: other)
        while let event = network.nextEvent() {
            if case .opened(id, one) = event { break }
        }
        network.send(1, on: id, from: one)
        network.cut(one, other)
        var closed: [NodeID] = []
        while let event = network.nextEvent() {
            guard case .closed(id, let node) = event else {
                Issue.record("only closes were expected, not \(event)")
                return
            }
            closed.append(node)
        }
        #expect(Set(closed) == [one, other] && closed.count == 2)
        let refused = network.connect(from: one, to: other)
        if case .failed(refused, one) = network.nextEvent() {
        } else {
            Issue.record("a cut pair cannot connect")
        }
        network.heal(one, other)
        let healed = network.connect(from: one, to: other)
        if case .opened(healed, other) = network.nextEvent() {
        } else {
            Issue.record("a healed pair can connect")
        }
    }
}
