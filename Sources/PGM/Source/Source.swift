public import Vocabulary
public import Wire

/// One PGM source: it numbers packets, keeps the transmit window, answers NAKs, and announces its window in SPMs
/// (RFC 3208 §5, §9, §11, §13).
///
///     application ── admit ──▶ numbered ──▶ window ──▶ forgotten
///                                              │
///     NAK ── handle ──▶ NCF at once            ▼
///                  └──▶ repair queue ──▶ directives: repairs, parity, SPMs
///
/// It holds numbers and sizes; the shell holds the packets, under their numbers, from `trail` to `lead`. Data and repairs
/// share one token bucket; repairs go first, up to their share (RFC 3208 §5.1.3).
public struct Source: Sendable {
    private enum Ending: Sendable {
        case no
        case finished
        case reset(refusesNAKs: Bool, errorCode: UInt8)
    }

    public let sessionID: TransportSessionID
    public let dataPort: UInt16
    public internal(set) var counters = SourceCounters()
    let options: SourceOptions
    let address: NetworkAddress
    let group: NetworkAddress
    var window: TransmitWindow
    var schedule: SPMSchedule
    var bucket: TokenBucket
    var repairBucket: TokenBucket
    var nakBucket: TokenBucket
    var repairs: RepairQueue
    var adaptive: AdaptiveRate?
    var directives = Ring<SourceDirective>()
    private let firstNumber: SequenceNumber
    private var spmSequence = SequenceNumber(0)
    private var ending = Ending.no
    private var refusedByteCount = 0
    var confirmedOldAt = Int64.min / 2
    let repairDelay: Int64
    let repairHold: Int64
    let confirmationInterval: Int64

    /// A source that starts now. Its SPMs carry `address`, where NAKs are to be sent; NAKs must name it and `group`.
    public init(
        _ options: SourceOptions,
        sessionID: TransportSessionID,
        dataPort: UInt16,
        address: NetworkAddress,
        group: NetworkAddress,
        firstNumber: SequenceNumber = SequenceNumber(0),
        at now: Instant
    ) {
        let time = now.nanoseconds
        self.options = options
        self.sessionID = sessionID
        self.dataPort = dataPort
        self.address = address
        self.group = group
        self.firstNumber = firstNumber
        window = TransmitWindow(options, first: firstNumber)
        schedule = SPMSchedule(options, at: time)
        adaptive = options.adaptiveRate.map { AdaptiveRate($0, at: time) }
        let rate =
            options.adaptiveRate?.maximumByteCountPerSecond ?? options.rateByteCountPerSecond
        bucket = TokenBucket(rate: rate, burstByteCount: options.burstByteCount)
        repairBucket = TokenBucket(
            rate: rate.map { Self.share($0, options) },
            burstByteCount: options.burstByteCount
        )
        // This bucket counts NAKs instead of octets; its depth is a tenth of a second.
        nakBucket = TokenBucket(
            rate: options.nakCountPerSecondMax,
            burstByteCount: max(1, options.nakCountPerSecondMax / 10)
        )
        repairs = RepairQueue(
            groupSize: options.parity?.groupSize ?? 0,
            windowPacketCount: options.windowPacketCount
        )
        repairDelay = options.repairDelay.nanoseconds
        repairHold = options.repairHold.nanoseconds
        confirmationInterval = options.confirmationInterval.nanoseconds
        if let problem = options.parity?.problem { preconditionFailure(problem) }
        precondition(
            options.windowPacketCount >= 2 * (options.parity?.groupSize ?? 0),
            "a window with parity holds at least two transmission groups"
        )
        for _ in 0..<options.announcementCount { sendSPM(at: time) }
    }

    static func share(_ rate: Int, _ options: SourceOptions) -> Int {
        max(1, Int(Double(rate) * min(max(options.repairShare, 0.01), 1)))
    }

    /// The oldest number that can be repaired; the shell may forget what is older.
    public var trail: SequenceNumber { window.trail }
    /// The newest number that was sent; one before `trail` while the window is empty.
    public var lead: SequenceNumber { window.lead }
    /// Octets per second now; `nil` when nothing limits them.
    public var rateByteCountPerSecond: Int? { adaptive?.rate ?? options.rateByteCountPerSecond }

    // MARK: - Data

    /// Takes a packet of `byteCount` octets (PGM header, options and payload) into the window, when the rate allows it
    /// now: gives what goes into its header. `nil`: do what `nextDirective()` says and come again at `admissionTime`.
    ///
    /// - Precondition: neither `finish` nor `reset` has been called.
    public mutating func admit(byteCount: Int, at now: Instant) -> DataFields? {
        let time = now.nanoseconds
        if time >= schedule.ambientDue || !repairs.isEmpty || adaptive != nil {
            handleDue(at: time)
        }
        guard bucket.take(byteCount + options.overheadByteCount, at: time) else {
            counters.admissionsDelayed += 1
            refusedByteCount = byteCount
            return nil
        }
        if case .no = ending {} else { preconditionFailure("no data after the end") }
        let number = window.append(byteCount, at: time)
        window.expire(at: time)
        schedule.handleData(at: time)
        counters.dataPackets += 1
        counters.dataByteCount += byteCount
        if adaptive != nil { adaptive?.handleSent() }
        if let parity = options.parity { sendProactiveParity(parity, after: number, at: time) }
        return DataFields(sequence: number, trail: window.trail)
    }

    /// Options for the packet admitted last: OPT_SYN of the first one (RFC 3208 §9.6).
    public var dataOptions: [PacketOption] {
        options.announcesStart && lead == firstNumber && counters.dataPackets == 1
            ? [PacketOption(.synchronize)] : []
    }

    /// When to call `admit` again after it has refused. By then the rate allows several packets, which saves wake-ups.
    public var admissionTime: Instant {
        Instant(nanoseconds: bucket.batchTime(of: refusedByteCount + options.overheadByteCount))
    }

    // MARK: - End

    /// No more data will come: SPMs with OPT_FIN (RFC 3208 §9.7). Repairs go on as long as the shell keeps the source.
    public mutating func finish(at now: Instant) {
        guard case .no = ending else { return }
        ending = .finished
        announceEnd(at: now.nanoseconds)
    }

    /// Breaks off: SPMs with OPT_RST (RFC 3208 §9.8). `errorCode` is the application's, 0…63.
    public mutating func reset(errorCode: UInt8, refusesNAKs: Bool, at now: Instant) {
        ending = .reset(refusesNAKs: refusesNAKs, errorCode: errorCode & 0x3F)
        announceEnd(at: now.nanoseconds)
    }

    private mutating func announceEnd(at now: Int64) {
        schedule.handleData(at: now)
        for _ in 0..<max(1, options.announcementCount) { sendSPM(at: now) }
    }

    /// Whether the source has ended and nothing is left to be sent: a shell that does not linger may forget it.
    public var hasAnnouncedEnd: Bool {
        if case .no = ending { return false }
        return directives.isEmpty && repairs.isEmpty
    }

    /// Whether NAKs are still answered.
    var answersNAKs: Bool {
        if case .reset(true, _) = ending { false } else { true }
    }

    // MARK: - Time

    /// When `handleTimeout(at:)` has work next. Data moves it; a shell need not follow each move, for a call that comes
    /// too early does nothing.
    public var deadline: Instant {
        var due = schedule.deadline
        if let entry = repairs.first {
            let cost = byteCount(of: entry) + options.overheadByteCount
            let wait = max(bucket.batchTime(of: cost), repairBucket.batchTime(of: cost))
            due = min(due, max(entry.due, wait))
        }
        return Instant(nanoseconds: due)
    }

    public mutating func handleTimeout(at now: Instant) {
        handleDue(at: now.nanoseconds)
    }

    mutating func handleDue(at now: Int64) {
        if now >= schedule.deadline { sendSPM(at: now) }
        if let rate = adaptive?.handleTime(now) {
            bucket.setRate(rate)
            repairBucket.setRate(Self.share(rate, options))
        }
        if !repairs.isEmpty { releaseRepairs(at: now) }
    }

    /// The next thing to send, oldest first. Drain it after every other call.
    public mutating func nextDirective() -> SourceDirective? { directives.popFirst() }

    // MARK: - SPMs

    mutating func sendSPM(at now: Int64) {
        window.expire(at: now)
        let fields = SPMFields(
            sequence: spmSequence,
            trail: window.trail,
            lead: window.lead,
            path: address
        )
        spmSequence = spmSequence + 1
        schedule.handleSent(at: now)
        bucket.charge(36 + options.overheadByteCount, at: now)
        counters.spmPackets += 1
        directives.append(.sendSPM(fields, spmOptions))
    }

    private var spmOptions: [PacketOption] {
        var list: [PacketOption] = []
        if let parity = options.parity {
            list.append(
                PacketOption(
                    .parityParameters(
                        isProactive: parity.proactiveCount > 0,
                        isOnDemand: parity.isOnDemand,
                        groupSize: UInt32(parity.groupSize)
                    )
                )
            )
        }
        if options.offersHistory { list.append(PacketOption(.join(minimum: window.trail))) }
        switch ending {
        case .no: break
        case .finished: list.append(PacketOption(.finish))
        case .reset(let refusesNAKs, let errorCode):
            list.append(PacketOption(.reset(refusesNAKs: refusesNAKs, errorCode: errorCode)))
        }
        return list
    }
}
