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
    /// Those who asked in this round, and those who were counted as repaired.
    var roundBits: UInt64 = 0
    var repairedBits: UInt64 = 0
    /// The receiver whose NAK began the round.
    var firstReceiver: Int?
    /// When this chain last changed.
    var lastNanoseconds: Int64
    /// When it was noticed that the number had left the source's window.
    var passedNanoseconds: Int64?
    /// The number had left the window when it was asked for.
    var isTooLate = false
    var isMissingAtTap = false
    /// The number was sent before the tap listened, so its repair may have been, too.
    var isBeforeTap = false
    /// Waiting for RDATA; otherwise repaired.
    var isOpen = true
    /// Counted as repaired.
    var isCounted = false

    init(at nanoseconds: Int64) {
        lastNanoseconds = nanoseconds
    }

    func hasReceiver(_ index: Int) -> Bool {
        index < 64 && receiverBits & (1 << UInt64(index)) != 0
    }

    mutating func addReceiver(_ index: Int) {
        guard index < 64 else { return }
        receiverBits |= 1 << UInt64(index)
        if isOpen { roundBits |= 1 << UInt64(index) }
    }

    /// Another round: the repair did not reach everybody.
    mutating func reopen() {
        isOpen = true
        nakNanoseconds = nil
        ncfNanoseconds = nil
        firstReceiver = nil
        nakCount = 0
        roundBits = 0
    }

    static func indexes(of bits: UInt64) -> [Int] {
        (0..<64).filter { bits & (1 << UInt64($0)) != 0 }
    }
}
