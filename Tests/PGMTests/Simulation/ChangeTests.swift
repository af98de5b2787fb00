import PGM
import Simulation
import Testing
import Wire

/// Sources and receivers that come, go, are cut off, and are many.
struct ChangeTests {
    typealias Conditions = DeliveryTests.Conditions

    @Test func `receivers that join at any moment get everything from there on`() {
        for seed in Seeds.range(30) {
            var conditions = Conditions(seed: 10_000 + seed)
            conditions.loss = Double(seed % 4) * 0.07
            var group = SimulatedGroup(conditions.network)
            let source = group.addSource(conditions.source)
            let end = DeliveryTests.script(
                &group,
                source: source,
                count: 150,
                from: .milliseconds(5)
            )
            let options = conditions.receiver
            for _ in 0..<6 {
                let joining = Int64.random(
                    in: 0...(end.nanoseconds * 2 / 3),
                    using: &group.network.generator
                )
                group.at(.nanoseconds(joining)) { $0.addReceiver(options) }
            }
            group.run(until: end + .seconds(6))
            DeliveryTests.check(group, conditions)
            #expect(group.receivers.count == 6)
            for receiver in group.receivers {
                #expect(receiver.journals.count == 1, "seed \(seed)")
                #expect(receiver.journals.first?.isFinished == true, "seed \(seed)")
            }
        }
    }

    @Test func `RFC 3208 §9.4: with OPT_JOIN a late receiver gets the history`() {
        for seed in Seeds.range(15) {
            var conditions = Conditions(seed: 11_000 + seed)
            conditions.loss = Double(seed % 3) * 0.1
            conditions.source.offersHistory = true
            var group = SimulatedGroup(conditions.network)
            let source = group.addSource(conditions.source)
            group.at(.milliseconds(10)) { $0.send(60, from: source) }
            let options = conditions.receiver
            group.at(.milliseconds(600)) { $0.addReceiver(options) }
            group.at(.milliseconds(3_000)) { $0.send(20, from: source) }
            group.at(.milliseconds(3_100)) { $0.finish(source) }
            group.run(until: .seconds(9))
            DeliveryTests.check(group, conditions)
            let journal = group.receivers[0].journals.first
            #expect(
                journal?.deliveredCount == 80 && journal?.first == SequenceNumber(0),
                "seed \(seed)"
            )
        }
    }

    @Test func `a partition that heals costs time, or numbers that are named`() {
        for seed in Seeds.range(30) {
            var conditions = Conditions(seed: 12_000 + seed)
            conditions.loss = 0.05
            conditions.mayLose = seed % 2 == 1
            if conditions.mayLose { conditions.source.windowPacketCount = 40 }
            var group = SimulatedGroup(conditions.network)
            for _ in 0..<3 { group.addReceiver(conditions.receiver) }
            let source = group.addSource(conditions.source)
            let end = DeliveryTests.script(
                &group,
                source: source,
                count: 300,
                from: .milliseconds(5)
            )
            let (one, other) = (group.receivers[0].node, group.sources[source].node)
            group.at(.milliseconds(30)) { $0.network.cut(one, other) }
            group.at(.milliseconds(30 + Int64(seed % 40) * 5)) { $0.network.heal(one, other) }
            group.run(until: end + .seconds(6))
            DeliveryTests.check(group, conditions)
            #expect(group.receivers.allSatisfy { $0.journals.first?.isFinished == true })
        }
    }

    @Test func `a source that starts anew is a new session; the old one ends by its silence`() {
        for seed in Seeds.range(20) {
            var conditions = Conditions(seed: 13_000 + seed)
            conditions.loss = Double(seed % 4) * 0.05
            conditions.receiver.expiry = .seconds(3)
            var group = SimulatedGroup(conditions.network)
            for _ in 0..<3 { group.addReceiver(conditions.receiver) }
            let options = conditions.source
            let first = group.addSource(options)
            let node = group.sources[first].node
            group.at(.milliseconds(10)) { $0.send(50, from: first) }
            group.at(.milliseconds(12 + Int64(seed % 150))) { $0.network.crash(node) }
            group.at(.milliseconds(200)) { group in
                group.network.restart(node)
                let second = group.addSource(options, port: 2, node: node)
                group.send(70, from: second)
                group.finish(second)
            }
            group.run(until: .seconds(12))
            for receiver in group.receivers {
                let journals = receiver.journals
                #expect(journals.allSatisfy { $0.faults.isEmpty }, "seed \(seed)")
                let second = journals.last { $0.session.sourcePort == 2 }
                // Who heard nothing of its beginning begins later.
                let isWhole = second?.next == SequenceNumber(70) && second?.isFinished == true
                #expect(isWhole, "seed \(seed)")
                #expect(second?.losses.isEmpty == true)
                // Of the first session everything that was heard of is delivered or named.
                let old = journals.first { $0.session.sourcePort == 1 }
                #expect(old.map { $0.deliveredCount + $0.lostCount <= 50 } ?? true)
            }
        }
    }

    @Test func `receivers that crash and come back start a journal of their own`() {
        for seed in Seeds.range(15) {
            var conditions = Conditions(seed: 14_000 + seed)
            conditions.loss = 0.1
            var group = SimulatedGroup(conditions.network)
            let options = conditions.receiver
            for _ in 0..<3 { group.addReceiver(options) }
            let source = group.addSource(conditions.source)
            let end = DeliveryTests.script(
                &group,
                source: source,
                count: 200,
                from: .milliseconds(5)
            )
            for turn in 1...3 {
                group.at(.milliseconds(12 * Int64(turn))) {
                    $0.restart(receiver: turn % 3, options)
                }
            }
            group.run(until: end + .seconds(6))
            DeliveryTests.check(group, conditions)
            #expect(group.oldJournals.count >= 2)
        }
    }

    @Test func `several sources and groups stay apart`() {
        for seed in Seeds.range(15) {
            var conditions = Conditions(seed: 15_000 + seed)
            conditions.loss = 0.1
            conditions.reordering = 0.05
            var group = SimulatedGroup(conditions.network)
            group.addReceiver(conditions.receiver, groups: [0])
            group.addReceiver(conditions.receiver, groups: [0, 1])
            group.addReceiver(conditions.receiver, groups: [1, 2])
            // Two of them have the same TSI, as two libzmq publishers may.
            var end = Duration.zero
            for (index, port) in [(0, 1), (0, 2), (1, 1), (2, 3)] {
                let source = group.addSource(
                    conditions.source,
                    group: index,
                    port: UInt16(port)
                )
                end = max(
                    end,
                    DeliveryTests.script(&group, source: source, count: 60, from: .milliseconds(5))
                )
            }
            group.run(until: end + .seconds(6))
            for (receiver, sessionCount) in zip(group.receivers, [2, 3, 2]) {
                #expect(receiver.journals.count == sessionCount, "seed \(seed)")
                #expect(receiver.journals.allSatisfy { $0.faults.isEmpty && $0.losses.isEmpty })
                #expect(receiver.journals.allSatisfy { $0.deliveredCount == 60 && $0.isFinished })
            }
        }
    }

    @Test func `a rate that is kept delivers all the same`() {
        for seed in Seeds.range(10) {
            var conditions = Conditions(seed: 16_000 + seed)
            conditions.loss = 0.1
            conditions.source.rateByteCountPerSecond = 100_000
            conditions.source.burstByteCount = 2_000
            conditions.packetCount = 300
            DeliveryTests.run(conditions)
            conditions.source.adaptiveRate = AdaptiveRateOptions(
                minimumByteCountPerSecond: 50_000,
                maximumByteCountPerSecond: 400_000
            )
            DeliveryTests.run(conditions)
        }
    }
}
