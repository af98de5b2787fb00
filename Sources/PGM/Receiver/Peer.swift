import Vocabulary

/// One source as a receiver follows it.
struct Peer: Sendable {
    /// A POLR that waits for its random time (RFC 3208 §14.5).
    struct PendingResponse: Sendable {
        var fields: PollResponseFields
        var path: NetworkAddress
        var due: Int64
    }

    /// How far a source's end has come.
    enum Ending: Sendable {
        case no
        /// OPT_FIN was seen; the session ends after this number.
        case announced(last: SequenceNumber)
        /// The application was told.
        case told
    }

    let id: PeerID
    var info: PeerInfo
    var window: ReceiveWindow
    var lastHeard: Int64
    /// Packets that were delivered or held: what the source has proven to be.
    var acceptedCount = 0

    // From SPMs.
    var spmSequence: SequenceNumber?
    /// Where NAKs go; `nil` until the first SPM: no repair may be asked for before (RFC 3208 §6.2).
    var path: NetworkAddress?
    /// A local repairer that offered itself (RFC 3208 §9.5).
    var redirect: NetworkAddress?
    /// SPMs in a row that came with a number out of sequence but in sequence with each other.
    var strangeSequence = SequenceNumber(0)
    var strangeCount = 0

    /// When to ask for an SPM; `Int64.max`: not.
    var requestDue = Int64.max
    /// Requests in a row that were not answered.
    var requestCount = 0
    var response: PendingResponse?
    /// The poll whose first round was heard, and the last poll.
    var pollSequence: SequenceNumber?

    var backOff: Int64
    var parity: ParityGroups?
    /// The oldest number that the source can repair, as far as it has said.
    var trail: SequenceNumber
    /// Groups that begin before this number cannot be completed by parity.
    var parityUsableFrom: SequenceNumber
    var ending = Ending.no
    /// The source has said that it answers no NAKs (OPT_RST with N).
    var refusesNAKs = false
    var isReset = false
    /// When to look whether the source has gone silent.
    var expiryCheck: Int64

    private(set) var isActive = true

    init(
        id: PeerID,
        info: PeerInfo,
        next: SequenceNumber,
        _ context: ReceiverContext,
        at now: Int64
    ) {
        self.id = id
        self.info = info
        window = ReceiveWindow(next: next, countMax: context.windowPacketCount)
        lastHeard = now
        backOff = context.times.backOff
        trail = next
        parityUsableFrom = next
        expiryCheck = now + context.times.strangerExpiry
    }

    /// An SPM has come: there is somebody to ask, and who can answer. Anybody can send one packet of data.
    var hasSPM: Bool { path != nil }

    /// The source is gone: its place is free, its memory too.
    mutating func forget() {
        isActive = false
        parity = nil
        window = ReceiveWindow(next: window.next, countMax: 1)
    }

    func deadline(_ outstandingCountMax: Int) -> Int64 {
        var due = min(expiryCheck, requestDue)
        if let response { due = min(due, response.due) }
        if window.missingCount > 0 {
            due = min(due, window.deadline(of: .awaitConfirmation), window.deadline(of: .awaitData))
            // With too much outstanding, back-offs wait for answers.
            if window.outstandingCount < self.outstandingCountMax(outstandingCountMax) {
                due = min(due, window.deadline(of: .backOff))
            }
        }
        return due
    }

    /// How much may be asked for at a time. A source that announces much and sends little may be forged: who answers it
    /// eagerly is an amplifier.
    func outstandingCountMax(_ limit: Int) -> Int {
        min(limit, Self.unprovenCountMax + 4 * acceptedCount)
    }

    private static let unprovenCountMax = 256
}
