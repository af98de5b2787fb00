import Foundation
import Simulation
import Testing
import Transports
import Vocabulary

/// Every message that enters a relay leaves it, matches nobody, or is counted under a reason; at every step, whatever comes,
/// goes, crashes, fills up or is cut. A failure names its seed.
@Suite struct AccountingSimulationTests {
    /// `XYLEM_SEEDS=100` makes it 10,000.
    private static let seedCount: UInt64 = 100

    @Test(arguments: 0..<4)
    func `accounts balance at every step`(part: Int) {
        var drops = DropCounts()
        for seed in Seeds.range(Self.seedCount) where seed % 4 == part {
            let fleet = Self.fleet(seed)
            let relays = fleet.relays.indices
            for _ in 0..<6 {
                fleet.addSubscriber(at: .random(in: relays, using: &fleet.network.generator))
            }
            for _ in 0..<3 {
                fleet.addPublisher(at: .random(in: relays, using: &fleet.network.generator))
            }
            fleet.run()
            for _ in 0..<6 {
                fleet.churn(steps: 20)
                fleet.burst(messageCount: 8)
                for relay in fleet.relays { drops.add(relay.drops) }
            }
            fleet.settle()
        }
        // Else nothing was tried.
        for reason in [DropReason.queueFull, .disconnected, .noParent] {
            #expect(drops[reason] > 0, "nothing was dropped as \(reason.word)")
        }
    }

    private static func fleet(_ seed: UInt64) -> Fleet {
        let policies = OverflowPolicy.allCases
        return Fleet(
            relayCount: 2 + Int(seed % 9),
            treeCount: 1 + Int(seed % 3),
            levelMax: 1 + Int(seed % 5),
            policies: (0..<3).map { policies[(Int(seed) / 3 + $0) % policies.count] },
            queueLimit: QueueLimit(messageCount: 1 + Int(seed % 7)),
            NetworkOptions(seed: seed)
        )
    }
}

extension Fleet {
    /// Every publisher sends at once to subscribers of whom some sleep; the network goes on for a while.
    func burst(messageCount: Int) {
        for _ in 0..<2 { putSubscriberToSleep() }
        for number in publishers.indices {
            for _ in 0..<messageCount {
                let topic = Self.messageTopics.randomElement(using: &network.generator) ?? []
                publish(topic, by: number)
            }
        }
        run(eventCountMax: 60)
    }
}
