import PGM
import Simulation
import Testing

/// Receivers that stop reading for longer than any timer of PGM, behind a kernel that keeps only so much for them.
struct PauseDeliveryTests {
    private func conditions(_ seed: UInt64) -> DeliveryTests.Conditions {
        var conditions = DeliveryTests.Conditions(seed: seed)
        conditions.loss = 0.1
        conditions.source.windowDuration = .seconds(60)
        // A relay's patience with the head of its segment.
        conditions.receiver.expiry = .seconds(5)
        return conditions
    }

    @Test func `a pause loses nothing that the source still has`() {
        for seed in Seeds.range(20) {
            let conditions = conditions(20_000 + seed)
            var group = SimulatedGroup(conditions.network)
            group.addReceiver(conditions.receiver)
            group.addReceiver(conditions.receiver)
            let source = group.addSource(conditions.source)
            group.at(.milliseconds(5)) { $0.send(40, from: source) }
            group.at(.milliseconds(9)) { $0.pause(receiver: 0, kernelPacketCount: 20) }
            for second in 1...8 { group.at(.seconds(second)) { $0.send(12, from: source) } }
            group.at(.seconds(9)) { $0.resume(receiver: 0) }
            group.at(.milliseconds(9_500)) { $0.finish(source) }
            group.run(until: .seconds(14))
            DeliveryTests.check(group, conditions)
            #expect(group.receivers[0].droppedPacketCount > 0, "seed \(seed)")
            for receiver in group.receivers {
                #expect(receiver.journals.count == 1, "seed \(seed)")
                #expect(receiver.journals.first?.isFinished == true, "seed \(seed)")
            }
        }
    }

    @Test func `who pauses asks for nothing`() {
        let conditions = conditions(21_000)
        var group = SimulatedGroup(conditions.network)
        group.addReceiver(conditions.receiver)
        let source = group.addSource(conditions.source)
        group.at(.milliseconds(5)) { $0.send(200, from: source) }
        group.at(.milliseconds(6)) { $0.pause(receiver: 0, kernelPacketCount: 20) }
        group.run(until: .milliseconds(6))
        let nakCount = group.nakCount
        #expect(group.receivers[0].core.counters.odataPackets > 0)
        group.run(until: .seconds(9))
        #expect(group.nakCount == nakCount)
    }
}
