import PGM
import Simulation
import Testing
import Wire

/// Forward error correction end to end (RFC 3208 §11).
struct ParityDeliveryTests {
    typealias Conditions = DeliveryTests.Conditions

    private func conditions(_ seed: UInt64, _ parity: ParityOptions) -> Conditions {
        var conditions = Conditions(seed: seed)
        conditions.source.parity = parity
        conditions.receiverCount = 3
        conditions.packetCount = 200
        return conditions
    }

    @Test func `RFC 3208 §11.4: parity on demand repairs what was lost`() {
        var reconstructed = 0
        for seed in Seeds.range(30) {
            var conditions = conditions(
                20_000 + seed,
                ParityOptions(groupSize: [4, 8, 16][Int(seed % 3)])
            )
            conditions.loss = 0.05 + Double(seed % 5) * 0.05
            let group = DeliveryTests.run(conditions)
            reconstructed += group.receivers.reduce(0) {
                $0 + $1.core.counters.reconstructedPackets
            }
        }
        #expect(reconstructed > 500)
    }

    @Test func `proactive parity repairs without a NAK`() {
        var reconstructed = 0
        for seed in Seeds.range(30) {
            var conditions = conditions(
                21_000 + seed,
                ParityOptions(groupSize: 8, proactiveCount: 3, isOnDemand: seed % 2 == 0)
            )
            conditions.loss = 0.06
            conditions.reordering = seed % 3 == 0 ? 0.1 : 0
            let group = DeliveryTests.run(conditions)
            reconstructed += group.receivers.reduce(0) {
                $0 + $1.core.counters.reconstructedPackets
            }
        }
        #expect(reconstructed > 300)
    }

    @Test func `RFC 3208 §11.2: more parity than data numbers itself by OPT_PARITY_GRP`() {
        for seed in Seeds.range(10) {
            var conditions = conditions(22_000 + seed, ParityOptions(groupSize: 2))
            conditions.loss = 0.3
            DeliveryTests.run(conditions)
        }
    }

    @Test func `one parity packet repairs different losses of different receivers`() {
        var parityCount = 0
        var lostCount = 0
        for seed in Seeds.range(5) {
            var conditions = conditions(23_000 + seed, ParityOptions(groupSize: 16))
            conditions.receiverCount = 12
            conditions.loss = 0.05
            let group = DeliveryTests.run(conditions)
            parityCount += group.sources[0].core.counters.parityPackets
            lostCount += group.network.counters.lost
        }
        #expect(parityCount > 0 && parityCount < lostCount / 2)
    }

    @Test func `parity and windows that are too small lose with a word, never without`() {
        for seed in Seeds.range(20) {
            var conditions = conditions(24_000 + seed, ParityOptions(groupSize: 4))
            conditions.loss = 0.3
            conditions.mayLose = true
            conditions.source.windowPacketCount = 8 + Int(seed % 16)
            conditions.receiver.windowPacketCount = 16
            DeliveryTests.run(conditions)
        }
    }
}
