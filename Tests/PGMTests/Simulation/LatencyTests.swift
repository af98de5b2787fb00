import PGM
import Simulation
import Testing
import Wire

/// How long repairs take under virtual time, with the default options.
struct LatencyTests {
    /// When each number was sent first, and when as a repair.
    private final class Log {
        var sent: [SequenceNumber: Instant] = [:]
        var repairs: [Duration] = []

        func note(_ packet: PacketView, at now: Instant) {
            guard let data = packet.data else { return }
            if packet.type == .odata {
                sent[data.sequence] = now
            } else if let first = sent.removeValue(forKey: data.sequence) {
                repairs.append(now - first)
            }
        }
    }

    private func medianRepair(receiverCount: Int, loss: Double, seed: UInt64) -> Duration? {
        var options = DatagramOptions(seed: seed)
        options.delay = .microseconds(50) ... .microseconds(200)
        options.loss = loss
        var group = SimulatedGroup(options)
        let log = Log()
        group.tap = { packet, now in log.note(packet, at: now) }
        for _ in 0..<receiverCount { group.addReceiver(ReceiverOptions()) }
        let source = group.addSource(SourceOptions())
        for step in 0..<300 {
            group.at(.milliseconds(5) + .microseconds(300 * step)) { $0.send(2, from: source) }
        }
        group.run(until: .seconds(2))
        let sorted = log.repairs.sorted()
        return sorted.isEmpty ? nil : sorted[sorted.count / 2]
    }

    @Test func `the median repair goes out within five milliseconds at 3 per cent loss`() {
        for (receiverCount, seed) in [(1, 1), (3, 2), (10, 3)] as [(Int, UInt64)] {
            let median = medianRepair(receiverCount: receiverCount, loss: 0.03, seed: seed)
            #expect(
                median.map { $0 < .milliseconds(5) } == true,
                "\(receiverCount): \(median as Any)"
            )
            // Not at once either: neighbours' NAKs must have a chance to suppress each other.
            #expect(median.map { $0 > .microseconds(500) } == true)
        }
    }
}
