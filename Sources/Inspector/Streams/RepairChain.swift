import PGM

/// One sequence number that somebody asked for, on its way from NAK to RDATA.
///
///            NAK ──────▶ asked ──── NCF ────▶ confirmed
///                          │                      │
///                          └──────── RDATA ───────┴──▶ repaired ─── NAK of one who had asked ──▶ asked again
///                                                                   (its repair was lost, too)
///
/// An NCF or RDATA may come first: a tap at a receiver's port does not see the NAKs of others, which are unicast.
struct RepairChain {
    /// Of the current round of asking.
    var nakNanoseconds: Int64?
    var ncfNanoseconds: Int64?
    /// The last RDATA.
    var rdataNanoseconds: Int64?
    var nakCount = 0
    /// Who asked, by index into the stream's receivers: a bit each for the first 64.
    var receiverBits: UInt64 = 0
    /// Some who asked have no bit.
    var hasMoreReceivers = false
    /// The receiver whose NAK began the round.
    var firstReceiver: Int?
    /// When this chain last changed.
    var lastNanoseconds: Int64
    /// When it was noticed that the number had left the source's window.
    var passedNanoseconds: Int64?
    /// The number had left the window when it was asked for.
    var isTooLate = false
    var isMissingAtTap = false
    /// Waiting for RDATA; otherwise repaired.
    var isOpen = true
    /// Repaired once already.
    var isSecondRound = false

    init(at nanoseconds: Int64) {
        lastNanoseconds = nanoseconds
    }

    func hasReceiver(_ index: Int) -> Bool {
        index < 64 && receiverBits & (1 << UInt64(index)) != 0
    }

    mutating func addReceiver(_ index: Int) {
        if index < 64 { receiverBits |= 1 << UInt64(index) } else { hasMoreReceivers = true }
    }

    var receiverIndexes: [Int] { (0..<64).filter { receiverBits & (1 << UInt64($0)) != 0 } }
}
