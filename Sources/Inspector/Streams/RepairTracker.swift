import DequeModule
import Dissection
import PGM

/// The repairs of one stream: who asks for what, what the source answers, and what becomes of it.
///
/// Open chains are kept by sequence number; a repaired one stays a while, so that a receiver that asks once more is known
/// to have lost the repair. All else is counts, histograms and bounded lists.
struct RepairTracker {
    private(set) var summary = StreamReport.RepairSummary()
    private(set) var repairs: [StreamReport.Repair] = []
    private(set) var leftOutRepairCount = 0
    private(set) var losses = LossList()
    private(set) var receivers = ReceiverList()

    private var chains: [UInt32: RepairChain] = [:]
    /// Every number in `chains` once, in the order in which its chain began.
    private var order: Deque<UInt32> = []
    private var nextSweep: Int64 = .min
    private var nakBin: Int64 = .min
    private var nakBinCount = 0

    private let repairCountMax: Int
    private let chainCountMax: Int

    /// When the tap began to listen.
    private let startNanoseconds: Int64

    init(options: StreamOptions, at nanoseconds: Int64) {
        startNanoseconds = nanoseconds
        repairCountMax = options.repairCountMax
        chainCountMax = options.chainCountMax
        losses = LossList(countMax: options.lossCountMax)
        receivers = ReceiverList(countMax: options.receiverCountMax)
    }

    var isIdle: Bool { chains.isEmpty }

    // MARK: - NAK

    /// A NAK packet came from `address`; its numbers follow by `handleRequest`. Gives the receiver's index, `nil` when there
    /// are too many.
    mutating func handleNAK(from address: IPAddress, at nanoseconds: Int64) -> Int? {
        let bin = nanoseconds / Self.nakBinNanoseconds
        if bin != nakBin {
            nakBin = bin
            nakBinCount = 0
        }
        nakBinCount += 1
        if nakBinCount > summary.nakBurstCount {
            summary.nakBurstCount = nakBinCount
            summary.nakBurstNanoseconds = bin &* Self.nakBinNanoseconds
        }
        guard let index = receivers.index(of: address) else { return nil }
        receivers.update(index) { receiver in
            receiver.hasAsked = true
            receiver.nakCount += 1
            receiver.firstNanoseconds = receiver.firstNanoseconds ?? nanoseconds
            receiver.lastNanoseconds = nanoseconds
        }
        return index
    }

    /// One number of a NAK.
    mutating func handleRequest(
        _ number: SequenceNumber,
        from receiver: Int?,
        isTooLate: Bool,
        isMissingAtTap: Bool,
        isBeforeTap: Bool,
        at nanoseconds: Int64
    ) {
        if let receiver { receivers.update(receiver) { $0.nakNumberCount += 1 } }
        var chain = chains[number.rawValue] ?? begin(number, at: nanoseconds)
        let hasAskedBefore = receiver.map(chain.hasReceiver) ?? false
        if !chain.isOpen, let repaired = chain.rdataNanoseconds {
            // A NAK that crosses the RDATA on its way tells nothing about the repair.
            let isAnswered = nanoseconds &- repaired < Self.crossingNanosecondsMax
            if hasAskedBefore, isAnswered { return }
            if hasAskedBefore {
                summary.lostRepairs.note(at: nanoseconds)
                if let receiver { receivers.update(receiver) { $0.lostRepairCount += 1 } }
            }
            if !isAnswered { chain.reopen() }
        }
        if chain.isOpen {
            chain.nakCount += 1
            if chain.nakNanoseconds == nil {
                chain.nakNanoseconds = nanoseconds
                chain.firstReceiver = receiver
            }
            if isTooLate { chain.isTooLate = true }
            if isMissingAtTap { chain.isMissingAtTap = true }
            if isBeforeTap { chain.isBeforeTap = true }
            chain.lastNanoseconds = nanoseconds
        }
        let isCountable =
            receiver.map { $0 < 64 || chain.firstReceiver == $0 && chain.nakCount == 1 } ?? false
        if let receiver {
            chain.addReceiver(receiver)
            if !hasAskedBefore, isCountable { receivers.update(receiver) { $0.lostCount += 1 } }
            if !chain.isOpen { countRepaired(&chain) }
        }
        chains[number.rawValue] = chain
    }

    // MARK: - NCF, RDATA

    mutating func handleNCF(
        _ number: SequenceNumber,
        isTooLate: Bool,
        isBeforeTap: Bool,
        at nanoseconds: Int64
    ) {
        var chain = chains[number.rawValue] ?? begin(number, at: nanoseconds)
        guard chain.isOpen else { return }
        if chain.ncfNanoseconds == nil {
            chain.ncfNanoseconds = nanoseconds
            if let nak = chain.nakNanoseconds { summary.nakToNCF.record(nanoseconds &- nak) }
        }
        if isTooLate { chain.isTooLate = true }
        if isBeforeTap { chain.isBeforeTap = true }
        chain.lastNanoseconds = nanoseconds
        chains[number.rawValue] = chain
    }

    mutating func handleRDATA(
        _ number: SequenceNumber,
        isMissingAtTap: Bool,
        at nanoseconds: Int64
    ) {
        guard var chain = chains[number.rawValue] else {
            summary.unaskedCount += 1
            var chain = begin(number, at: nanoseconds)
            chain.isMissingAtTap = isMissingAtTap
            close(&chain, number, at: nanoseconds)
            chains[number.rawValue] = chain
            return
        }
        if chain.isOpen {
            if isMissingAtTap { chain.isMissingAtTap = true }
            close(&chain, number, at: nanoseconds)
        } else {
            summary.repeatedCount += 1
            chain.rdataNanoseconds = nanoseconds
            chain.lastNanoseconds = nanoseconds
        }
        chains[number.rawValue] = chain
    }

    /// An SPMR: somebody who has heard data, but no SPM yet.
    mutating func handleSPMR(from address: IPAddress, at nanoseconds: Int64) {
        guard let index = receivers.index(of: address) else { return }
        receivers.update(index) { receiver in
            receiver.hasRequestedSPM = true
            receiver.spmrCount += 1
            receiver.firstNanoseconds = receiver.firstNanoseconds ?? nanoseconds
            receiver.lastNanoseconds = nanoseconds
        }
    }

    private mutating func begin(_ number: SequenceNumber, at nanoseconds: Int64) -> RepairChain {
        if order.count >= chainCountMax, let oldest = order.popFirst() {
            if let chain = chains.removeValue(forKey: oldest), chain.isOpen {
                lose(chain, SequenceNumber(oldest))
            }
        }
        order.append(number.rawValue)
        return RepairChain(at: nanoseconds)
    }

    private mutating func close(
        _ chain: inout RepairChain,
        _ number: SequenceNumber,
        at nanoseconds: Int64
    ) {
        if let nak = chain.nakNanoseconds { summary.nakToRDATA.record(nanoseconds &- nak) }
        if let ncf = chain.ncfNanoseconds { summary.ncfToRDATA.record(nanoseconds &- ncf) }
        if chain.nakNanoseconds != nil, chain.ncfNanoseconds == nil {
            summary.unconfirmedRepairedCount += 1
        }
        if !chain.isCounted, chain.nakNanoseconds != nil || chain.ncfNanoseconds != nil {
            chain.isCounted = true
            summary.repairedCount += 1
            if chain.receiverBits.nonzeroBitCount > 1 { summary.sharedCount += 1 }
        }
        countRepaired(&chain)
        if let first = chain.firstReceiver, let nak = chain.nakNanoseconds {
            receivers.update(first) { $0.repairLatency.record(nanoseconds &- nak) }
        }
        if repairs.count < repairCountMax {
            repairs.append(
                StreamReport.Repair(
                    sequence: number,
                    receivers: addresses(of: chain.receiverBits),
                    nakNanoseconds: chain.nakNanoseconds,
                    ncfNanoseconds: chain.ncfNanoseconds,
                    rdataNanoseconds: nanoseconds,
                    nakCount: chain.nakCount,
                    isMissingAtTap: chain.isMissingAtTap
                )
            )
        } else {
            leftOutRepairCount += 1
        }
        chain.isOpen = false
        chain.rdataNanoseconds = nanoseconds
        chain.lastNanoseconds = nanoseconds
    }

    /// Everybody who asked has it now, unless they ask again.
    private mutating func countRepaired(_ chain: inout RepairChain) {
        for index in RepairChain.indexes(of: chain.receiverBits & ~chain.repairedBits) {
            receivers.update(index) { $0.repairedCount += 1 }
        }
        chain.repairedBits = chain.receiverBits
    }

    private func addresses(of bits: UInt64) -> [IPAddress] {
        RepairChain.indexes(of: bits).prefix(Self.namedReceiverCountMax)
            .map { receivers.list[$0].address }
    }

    // MARK: - Chains that end without RDATA

    /// Looks through the chains every 50 ms of the capture, as long as there are any: those whose number left the window, and
    /// those nobody speaks of any more, are closed. Gives the numbers that were lost for good.
    mutating func sweep(
        trail: SequenceNumber?,
        at nanoseconds: Int64
    ) -> [SequenceNumber] {
        guard !order.isEmpty, nanoseconds >= nextSweep else { return [] }
        nextSweep = nanoseconds &+ max(Self.sweepNanoseconds, Int64(order.count) &* 10_000)
        var lost: [SequenceNumber] = []
        var kept: Deque<UInt32> = []
        kept.reserveCapacity(order.count)
        for raw in order {
            // Where it is kept: most chains are closed, and are looked at and not copied.
            guard let index = chains.index(forKey: raw) else { continue }
            let idle = nanoseconds &- chains.values[index].lastNanoseconds
            if !chains.values[index].isOpen {
                if idle > Self.memoryNanoseconds {
                    chains.remove(at: index)
                } else {
                    kept.append(raw)
                }
                continue
            }
            let number = SequenceNumber(raw)
            var chain = chains.values[index]
            if chain.passedNanoseconds == nil, let trail, trail.isAfter(number) {
                chain.passedNanoseconds = nanoseconds
                chains[raw] = chain
            }
            let isPassed =
                chain.passedNanoseconds.map { nanoseconds &- $0 > Self.graceNanoseconds } ?? false
            if isPassed && idle > Self.graceNanoseconds || idle > Self.memoryNanoseconds {
                chains[raw] = nil
                lose(chain, number)
                lost.append(number)
            } else {
                kept.append(raw)
            }
        }
        order = kept
        return lost
    }

    /// The capture ends: what was asked for a moment ago is open, the rest is lost. Gives the numbers that were lost.
    mutating func finish(trail: SequenceNumber?, at nanoseconds: Int64) -> [SequenceNumber] {
        var lost: [SequenceNumber] = []
        for raw in order {
            guard var chain = chains[raw], chain.isOpen else { continue }
            let number = SequenceNumber(raw)
            if chain.passedNanoseconds == nil, let trail, trail.isAfter(number) {
                chain.passedNanoseconds = nanoseconds
            }
            let isWaiting = nanoseconds &- chain.lastNanoseconds < Self.openNanosecondsMax
            if isWaiting, chain.passedNanoseconds == nil, !chain.isTooLate {
                leaveOpen(chain)
            } else {
                lose(chain, number)
                lost.append(number)
            }
        }
        return lost
    }

    /// What became of it was not captured.
    private mutating func leaveOpen(_ chain: RepairChain) {
        summary.openCount += 1
        for index in RepairChain.indexes(of: chain.roundBits) {
            receivers.update(index) { $0.openCount += 1 }
        }
    }

    private mutating func lose(_ chain: RepairChain, _ number: SequenceNumber) {
        // A NAK crosses its repair on the way. Who still lacks the packet asks again.
        if chain.isBeforeTap,
            chain.lastNanoseconds &- startNanoseconds < Self.openNanosecondsMax
        {
            return leaveOpen(chain)
        }
        summary.unrepairedCount += 1
        if chain.isCounted { summary.repairedCount -= 1 }
        if chain.ncfNanoseconds == nil { summary.unconfirmedCount += 1 }
        for index in RepairChain.indexes(of: chain.roundBits) {
            let wasRepaired = chain.repairedBits & (1 << UInt64(index)) != 0
            receivers.update(index) { receiver in
                receiver.unrepairedCount += 1
                if wasRepaired { receiver.repairedCount -= 1 }
            }
        }
        let isLate = chain.isTooLate || chain.passedNanoseconds != nil
        losses.append(
            StreamReport.Loss(
                kind: isLate ? .tooLate : .unrepaired,
                first: number,
                last: number,
                count: 1,
                nanoseconds: chain.nakNanoseconds ?? chain.ncfNanoseconds ?? chain.lastNanoseconds,
                receivers: addresses(of: chain.roundBits),
                isMissingAtTap: chain.isMissingAtTap,
                isConfirmed: chain.ncfNanoseconds != nil
            )
        )
    }

    /// Numbers that the tap lacks and nobody asked for.
    mutating func handleMissing(first: SequenceNumber, last: SequenceNumber, count: Int, at: Int64)
    {
        losses.append(
            StreamReport.Loss(
                kind: .missing,
                first: first,
                last: last,
                count: count,
                nanoseconds: at,
                receivers: [],
                isMissingAtTap: true,
                isConfirmed: false
            )
        )
    }

    private static let nakBinNanoseconds: Int64 = 100_000_000
    private static let sweepNanoseconds: Int64 = 50_000_000
    /// After its number left the window, a chain may still see an RDATA that was on its way.
    private static let graceNanoseconds: Int64 = 1_000_000_000
    /// How long a chain is remembered in which nothing happens. OpenPGM asks again after 200 to 250 ms.
    private static let memoryNanoseconds: Int64 = 10_000_000_000
    /// At the end of the capture a chain is open, not lost, when it was active this recently.
    private static let openNanosecondsMax: Int64 = 500_000_000
    private static let crossingNanosecondsMax: Int64 = 20_000_000
    private static let namedReceiverCountMax = 8
}
