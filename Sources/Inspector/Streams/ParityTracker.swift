import DequeModule
import PGM

/// Parity packets by transmission group (RFC 3208 §11): with as many of them as packets are missing, receivers make the
/// missing ones themselves, and nothing is lost.
///
///     number   | … group, a multiple of its size … | index in the group |
///     parity   | the same                          | 0, 1, 2 …          |
///
/// What the packets hold is not computed here; a gap that parity covers counts as repaired, but messages in it are not read.
struct ParityTracker {
    /// Packets of a group, by OPT_PARITY_PRM; a power of two. `nil` while no SPM announces parity.
    private(set) var groupSize: UInt32?
    private var counts: [UInt32: Int] = [:]
    private var order: Deque<UInt32> = []

    /// An SPM went by; most have no such option.
    mutating func handleSPM(_ packet: PacketView) {
        guard let option = packet.options.first(ofType: OptionType.parityParameters),
            case .parityParameters(_, _, let size) = option.option.content, size > 1,
            size & (size - 1) == 0
        else { return }
        groupSize = size
    }

    /// A parity packet; its number is that of its group, with its index in the lowest bits.
    mutating func handleParity(_ number: SequenceNumber) {
        guard let group = group(of: number) else { return }
        if let count = counts[group] {
            counts[group] = count + 1
            return
        }
        counts[group] = 1
        order.append(group)
        if order.count > Self.groupCountMax, let oldest = order.popFirst() { counts[oldest] = nil }
    }

    /// Takes parity packets for missing numbers; gives how many numbers from `first` on are covered, at most `count`.
    mutating func cover(first: SequenceNumber, count: Int) -> Int {
        guard let groupSize, !counts.isEmpty else { return 0 }
        var number = first
        var left = count
        var covered = 0
        // Only groups that are known can help, so a huge gap ends soon.
        var steps = 0
        while left > 0, steps < Self.groupCountMax {
            let group = number.rawValue & ~(groupSize - 1)
            let inGroup = min(left, Int(groupSize - (number.rawValue - group)))
            let used = min(inGroup, counts[group] ?? 0)
            if used > 0 { counts[group] = (counts[group] ?? 0) - used }
            covered += used == inGroup ? inGroup : 0
            number = number + inGroup
            left -= inGroup
            steps += 1
        }
        return covered
    }

    private func group(of number: SequenceNumber) -> UInt32? {
        groupSize.map { number.rawValue & ~($0 - 1) }
    }

    private static let groupCountMax = 16_384
}
