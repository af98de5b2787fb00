import PGM
import Simulation
import Testing
import Wire

/// Whatever the network does, every receiver gets every packet from where it joined, in order and once, or is told
/// exactly which ones it does not get.
struct DeliveryTests {
    /// What one run looks like; everything else follows from the seed.
    struct Conditions {
        var seed: UInt64
        var receiverCount = 3
        var packetCount = 120
        var loss = 0.1
        var reordering = 0.0
        var duplication = 0.0
        var source = SourceOptions()
        var receiver = ReceiverOptions()
        var first = SequenceNumber(0)
        var mayLose = false

        init(seed: UInt64) {
            self.seed = seed
            source.heartbeatIntervals = SourceOptions.doubling(
                from: .milliseconds(10),
                to: .milliseconds(200)
            )
        }

        var network: DatagramOptions {
            var options = DatagramOptions(seed: seed)
            options.loss = loss
            options.reordering = reordering
            options.duplication = duplication
            return options
        }
    }

    /// Bursts of packets, half a millisecond to five apart.
    static func script(
        _ group: inout SimulatedGroup,
        source: Int,
        count: Int,
        from start: Duration
    )
        -> Duration
    {
        var time = start
        var left = count
        while left > 0 {
            let burst = min(left, Int.random(in: 1...12, using: &group.network.generator))
            group.at(time) { $0.send(burst, from: source) }
            left -= burst
            time += .microseconds(Int.random(in: 500...5_000, using: &group.network.generator))
        }
        group.at(time) { $0.finish(source) }
        return time
    }

    /// Every journal is whole; those of living receivers reach the end of every session they heard.
    static func check(_ group: SimulatedGroup, _ conditions: Conditions) {
        let seed = conditions.seed
        for receiver in group.receivers {
            #expect(receiver.missingPayloadCount == 0, "seed \(seed)")
            for journal in receiver.journals {
                #expect(journal.faults.isEmpty, "seed \(seed): \(journal.faults.prefix(3))")
                guard
                    let source = group.sources.last(where: { $0.core.sessionID == journal.session })
                else { continue }
                let end = source.core.lead + 1
                // Who joined behind the last packet has nothing to tell.
                #expect(journal.next == nil || journal.next == end, "seed \(seed): not to the end")
                #expect(
                    conditions.mayLose || journal.losses.isEmpty,
                    "seed \(seed): lost \(journal.losses.prefix(3))"
                )
            }
        }
        for journal in group.oldJournals {
            #expect(journal.faults.isEmpty, "seed \(seed): \(journal.faults.prefix(3))")
        }
    }

    /// One source, receivers that are there from the start; gives the run for more questions.
    @discardableResult
    static func run(_ conditions: Conditions) -> SimulatedGroup {
        var group = SimulatedGroup(conditions.network)
        for _ in 0..<conditions.receiverCount { group.addReceiver(conditions.receiver) }
        let source = group.addSource(conditions.source, first: conditions.first)
        let end = script(
            &group,
            source: source,
            count: conditions.packetCount,
            from: .milliseconds(5)
        )
        group.run(until: end + .seconds(6))
        check(group, conditions)
        for receiver in group.receivers {
            #expect(receiver.journals.count == 1, "seed \(conditions.seed)")
            #expect(receiver.journals.first?.isFinished == true, "seed \(conditions.seed)")
        }
        return group
    }

    @Test func `from no loss to 30 per cent, everything arrives`() {
        for seed in Seeds.range(60) {
            var conditions = Conditions(seed: seed)
            conditions.loss = Double(seed % 7) * 0.05
            conditions.receiverCount = 1 + Int(seed % 5)
            Self.run(conditions)
        }
    }

    @Test func `reordered, doubled and lost at once, everything arrives once`() {
        for seed in Seeds.range(40) {
            var conditions = Conditions(seed: 1_000 + seed)
            conditions.loss = Double(seed % 4) * 0.08
            conditions.reordering = 0.2
            conditions.duplication = 0.2
            Self.run(conditions)
        }
    }

    @Test func `numbers wrap in the middle of a session`() {
        for seed in Seeds.range(20) {
            var conditions = Conditions(seed: 2_000 + seed)
            conditions.first = SequenceNumber(UInt32.max - UInt32(seed % 100))
            conditions.loss = 0.15
            Self.run(conditions)
        }
    }

    @Test func `fifty receivers, each with its own losses`() {
        for seed in Seeds.range(2) {
            var conditions = Conditions(seed: 3_000 + seed)
            conditions.receiverCount = 50
            conditions.packetCount = 80
            conditions.loss = 0.1
            let group = Self.run(conditions)
            // One NAK serves many: without suppression there were one for every loss.
            #expect(group.nakCount < group.network.counters.lost, "seed \(seed)")
        }
    }

    @Test func `libzmq's timers come to the same end`() {
        for seed in Seeds.range(10) {
            var conditions = Conditions(seed: 4_000 + seed)
            conditions.receiver = .libzmq(kilobitsPerSecond: 100_000)
            conditions.source = .libzmq(kilobitsPerSecond: 100_000)
            conditions.loss = 0.05
            conditions.mayLose = true
            var group = SimulatedGroup(conditions.network)
            group.addReceiver(conditions.receiver)
            let source = group.addSource(conditions.source)
            let end = Self.script(&group, source: source, count: 100, from: .milliseconds(5))
            group.run(until: end + .seconds(60))
            Self.check(group, conditions)
            #expect(group.receivers[0].journals.map(\.lostCount) == [0], "seed \(seed)")
        }
    }

    @Test func `windows that are too small lose with a word, never without`() {
        var lostCount = 0
        for seed in Seeds.range(60) {
            var conditions = Conditions(seed: 5_000 + seed)
            conditions.loss = 0.3
            conditions.mayLose = true
            conditions.source.windowPacketCount = 2 + Int(seed % 12)
            conditions.receiver.windowPacketCount = [2, 4, 16, 64][Int(seed % 4)]
            conditions.receiver.overflow = seed % 2 == 0 ? .discardNewest : .loseOldest
            conditions.reordering = seed % 3 == 0 ? 0.1 : 0
            let group = Self.run(conditions)
            lostCount += group.receivers.flatMap(\.journals).reduce(0) { $0 + $1.lostCount }
        }
        #expect(lostCount > 100)
    }

    @Test func `windows bounded by octets and by time lose with a word, never without`() {
        for seed in Seeds.range(20) {
            var conditions = Conditions(seed: 6_000 + seed)
            conditions.loss = 0.25
            conditions.mayLose = true
            if seed % 2 == 0 {
                conditions.source.windowByteCount = 400
            } else {
                conditions.source.windowDuration = .milliseconds(4)
            }
            Self.run(conditions)
        }
    }
}
