import Histogram

/// What arrived at one place.
struct Tally {
    /// What arrived of one publisher's load.
    struct Load {
        var publisher: UInt32
        var ledger = SequenceLedger()
        var messageCount = 0
        /// Nanoseconds from sending to receiving.
        var delays = Histogram<UInt32>(numberOfSignificantValueDigits: .two)
    }

    private(set) var messageCount = 0
    private(set) var byteCount = 0
    /// In the order of their first messages; publishers beyond the limit are not told apart from plain messages.
    private(set) var loads: [Load] = []
    private var latest = 0

    /// Takes note of a message; `load` is what it says of itself if it is one of a load.
    mutating func handle(byteCount: Int, load: LoadMessage?, at now: UInt64) {
        messageCount += 1
        self.byteCount += byteCount
        guard let load, let index = index(of: load.publisher) else { return }
        _ = loads[index].ledger.handle(load.sequence)
        loads[index].messageCount += 1
        // A clock that was set back must not make a delay of centuries.
        loads[index].delays.record(now > load.sentAt ? now - load.sentAt : 0)
    }

    var missingCount: UInt64 { loads.reduce(0) { $0 + $1.ledger.missingCount } }
    var duplicateCount: UInt64 { loads.reduce(0) { $0 + $1.ledger.duplicateCount } }

    /// At least one load arrived, and all of them from their beginning and without a gap.
    var isComplete: Bool { !loads.isEmpty && loads.allSatisfy(\.ledger.isComplete) }

    private mutating func index(of publisher: UInt32) -> Int? {
        if latest < loads.count, loads[latest].publisher == publisher { return latest }
        if let index = loads.firstIndex(where: { $0.publisher == publisher }) {
            latest = index
            return index
        }
        guard loads.count < Self.loadCountMax else { return nil }
        loads.append(Load(publisher: publisher))
        latest = loads.count - 1
        return latest
    }

    private static let loadCountMax = 1_024
}

extension Tally.Load {
    /// For a person, in one line.
    var summary: String {
        let id = String(publisher, radix: 16)
        let first = ledger.first ?? 0
        let delay = { (percentile: Double) in
            Figures.duration(nanoseconds: delays.valueAtPercentile(percentile))
        }
        return
            "publisher \(id): \(Figures.exact(messageCount)) from #\(first) to #\(ledger.next &- 1), "
            + "\(ledger.missingCount) missing, \(ledger.duplicateCount) duplicated, \(ledger.lateCount) late; "
            + "delay median \(delay(50)), 99 % \(delay(99)), longest \(Figures.duration(nanoseconds: delays.max))"
    }
}
