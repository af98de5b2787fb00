import Simulation
import Testing
import Transports
import Vocabulary

/// Relays under virtual time, with everything that comes, goes and crashes. A failure names its seed.
@Suite struct RelaySimulationTests {
    @Test(arguments: 0..<4)
    func `interest and delivery are right after any churn`(part: Int) {
        for seed in Seeds.range(200) where seed % 4 == part {
            let fleet = Fleet(
                relayCount: 2 + Int(seed % 11),
                treeCount: 1 + Int(seed % 3),
                levelMax: 1 + Int(seed % 6),
                policies: [(seed / 8).isMultiple(of: 2) ? .block : .dropNewest],
                queueLimit: (seed / 8).isMultiple(of: 2)
                    ? QueueLimit(messageCount: 3) : QueueLimit(),
                NetworkOptions(seed: seed)
            )
            run(fleet, subscriberCount: 6, publisherCount: 3, rounds: 2, steps: 60)
        }
    }

    @Test(arguments: 0..<4)
    func `sixty relays, six levels, three overlapping trees`(part: Int) {
        let fleet = Fleet(
            relayCount: 60,
            treeCount: 3,
            levelMax: 6,
            policies: [part.isMultiple(of: 2) ? .block : .dropNewest],
            queueLimit: part.isMultiple(of: 2) ? QueueLimit(messageCount: 3) : QueueLimit(),
            NetworkOptions(seed: UInt64(1_000 + part))
        )
        run(fleet, subscriberCount: 40, publisherCount: 6, rounds: 2, steps: 600)
    }

    @Test func `a seed repeats its run`() {
        func eventCount(seed: UInt64) -> Int {
            let fleet = Fleet(
                relayCount: 8,
                treeCount: 3,
                levelMax: 4,
                NetworkOptions(seed: seed)
            )
            run(fleet, subscriberCount: 6, publisherCount: 3, rounds: 1, steps: 100)
            return fleet.eventCount
        }
        #expect(eventCount(seed: 7) == eventCount(seed: 7))
        #expect(eventCount(seed: 7) != eventCount(seed: 8))
    }

    private func run(
        _ fleet: Fleet,
        subscriberCount: Int,
        publisherCount: Int,
        rounds: Int,
        steps: Int
    ) {
        let relays = fleet.relays.indices
        for _ in 0..<subscriberCount {
            fleet.addSubscriber(at: .random(in: relays, using: &fleet.network.generator))
        }
        for _ in 0..<publisherCount {
            fleet.addPublisher(at: .random(in: relays, using: &fleet.network.generator))
        }
        for round in 0..<rounds {
            let comment: Comment = "seed \(fleet.options.seed), round \(round)"
            fleet.churn(steps: steps)
            fleet.settle()
            fleet.expectNoDuplicates(comment)
            fleet.expectInterestIsRight(comment)
            fleet.expectDeliveryIsRight(messageCount: 10, comment)
        }
        #expect(fleet.shape.isBlocking == (fleet.pauseCount > 0), "seed \(fleet.options.seed)")
        fleet.expectNothingIsLeft("seed \(fleet.options.seed), at the end")
    }
}
