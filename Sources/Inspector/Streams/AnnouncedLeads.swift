import PGM

/// The newest numbers that a source announced in SPMs, and which of them did not come.
///
/// An SPM may overtake data, so what it names is not missing yet: since when it was named is kept until it comes, and told at the end.
///
///     data   0 1 2 3 … 48        .        .        .  end
///     SPM               lead 49 ↑        ↑ lead 49     49 has not come since the first of these
struct AnnouncedLeads {
    struct Lead {
        var number: SequenceNumber
        /// When an SPM named it first.
        var nanoseconds: Int64
    }

    /// The newest of all.
    private(set) var newest: SequenceNumber?
    /// Beyond all data: the lead that waits longest, and the newest. What was named between the two counts as named with the newest.
    private(set) var unreached: [Lead] = []

    /// `next` is the number after the newest of which data came, `nil` before any did.
    mutating func handleSPM(lead: SequenceNumber, next: SequenceNumber?, at nanoseconds: Int64) {
        if newest.map({ lead.isAfter($0) }) ?? true { newest = lead }
        // What an SPM takes back was a forged lead, or one of an older count.
        unreached.removeAll { $0.number.isAfter(lead) }
        guard let next else { return }
        unreached.removeAll { next.isAfter($0.number) }
        guard !next.isAfter(lead), unreached.last?.number != lead else { return }
        if unreached.count == 2 { unreached.removeLast() }
        unreached.append(Lead(number: lead, nanoseconds: nanoseconds))
    }

    /// The source counts from elsewhere.
    mutating func restart() { self = AnnouncedLeads() }
}
