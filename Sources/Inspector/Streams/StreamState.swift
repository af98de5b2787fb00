import Dissection
import PGM

/// Everything known of one stream at one tap. Fed by `StreamTable`; grows with open gaps, never with packets.
struct StreamState {
    let key: StreamKey
    let firstNanoseconds: Int64
    private(set) var lastNanoseconds: Int64
    private(set) var packets = StreamReport.PacketCounts()
    private(set) var details = StreamReport.Details()
    private(set) var sequences: SequenceTracker
    private(set) var leads = AnnouncedLeads()
    private(set) var window = WindowTracker()
    private(set) var repairs: RepairTracker
    private(set) var silence = SilenceTracker()
    private(set) var rate = RateMeter()
    private(set) var timeline: Timeline
    private(set) var interval = LogHistogram()
    private var lastDataNanoseconds: Int64?
    private(set) var messages: StreamMessages
    private(set) var parity = ParityTracker()
    private(set) var repairedAtTapCount = 0
    private(set) var gapCount = 0
    private(set) var resets = Occurrences()
    /// Others who sent repairs or confirmations for the source; the first of them.
    private(set) var repairers: [IPAddress] = []
    let activity: GroupActivity?
    private let sink: MessageReader.Sink?

    init(
        key: StreamKey,
        at nanoseconds: Int64,
        options: StreamOptions,
        activity: GroupActivity?,
        log: MessageLog?
    ) {
        self.key = key
        firstNanoseconds = nanoseconds
        lastNanoseconds = nanoseconds
        sequences = SequenceTracker(gapCountMax: options.gapCountMax)
        repairs = RepairTracker(options: options, at: nanoseconds)
        timeline = Timeline(binCountMax: options.timelineBinCountMax)
        messages = StreamMessages(options: options)
        self.activity = activity
        sink = log.map { log in
            let flow = log.flow(
                .pgm(
                    source: key.source,
                    session: key.session,
                    group: key.group,
                    destinationPort: key.dataPort
                )
            )
            let tap = Tap(capture: key.tap.capture, interface: key.tap.interface)
            log.handleStart(of: flow, at: tap, nanoseconds: nanoseconds)
            return MessageReader.Sink(log: log, flow: flow, tap: tap)
        }
    }

    // MARK: - From the source

    mutating func handleData(_ pgm: PGMDatagram, isOriginal: Bool, budget: inout Int) {
        let now = pgm.datagram.nanoseconds
        let packet = pgm.packet
        note(pgm, now)
        let byteCount =
            pgm.datagram.payload.count + pgm.datagram.missingByteCount
            + (key.source.family == .v4 ? 20 : 40)
        rate.handle(byteCount: byteCount, at: now)
        silence.handleData(at: now)
        guard let data = packet.data else { return }
        if isOriginal { packets.odata += 1 } else { packets.rdata += 1 }
        timeline.add(at: now) { bin in
            if isOriginal { bin.odata &+= 1 } else { bin.rdata &+= 1 }
            bin.byteCount &+= UInt64(byteCount)
        }
        // A parity packet's number names a group of packets, not one (RFC 3208 §11.6).
        guard !packet.isParity else {
            details.parityDataCount += 1
            parity.handleParity(data.sequence)
            return
        }
        if isOriginal {
            handleODATA(data, pgm, now, &budget)
        } else {
            handleRDATA(data, pgm, now, &budget)
        }
        if !repairs.isIdle || !sequences.gaps.isEmpty { sweep(now, &budget) }
    }

    private mutating func handleODATA(
        _ data: DataFields,
        _ pgm: PGMDatagram,
        _ now: Int64,
        _ budget: inout Int
    ) {
        details.dataByteCount += pgm.packet.announcedPayloadByteCount
        if let lastDataNanoseconds { interval.record(now &- lastDataNanoseconds) }
        lastDataNanoseconds = now
        activity?.handleData(at: now)
        if sequences.first == nil { sink?.noteFirst(data.sequence, announced: leads.newest) }
        let arrival = sequences.handleODATA(
            data.sequence,
            trailSteps: window.steps(to: data.trail),
            at: now
        )
        switch arrival {
        case .next: break
        case .ahead(let missing):
            gapCount += 1
            timeline.add(at: now) { $0.missing &+= UInt32(clamping: missing) }
        case .late(let distance):
            details.reordered.note(at: now)
            details.reorderDistanceMax = max(details.reorderDistanceMax, distance)
        case .again(let isDoubled):
            details.duplicates.note(at: now)
            if isDoubled { details.doubledCount += 1 }
            return
        case .beforeFirst:
            details.reordered.note(at: now)
            return
        case .stray:
            details.strays.note(at: now)
            return
        case .restarted:
            resets.note(at: now)
            takeAbandoned()
            leads.restart()
            window.restart(trail: data.trail, lead: data.sequence)
            let place = sequences.place(of: data.sequence)
            messages.restart(at: place, budget: &budget, sink: sink)
        }
        window.handleLead(data.sequence, at: now)
        window.handleTrail(data.trail, at: now)
        read(pgm, data.sequence, isRepaired: false, now, &budget)
    }

    private mutating func handleRDATA(
        _ data: DataFields,
        _ pgm: PGMDatagram,
        _ now: Int64,
        _ budget: inout Int
    ) {
        details.repairByteCount += pgm.packet.announcedPayloadByteCount
        noteRepairer(pgm.datagram.source)
        let noticed = sequences.handleRDATA(data.sequence, at: now)
        repairs.handleRDATA(data.sequence, isMissingAtTap: noticed != nil, at: now)
        window.handleTrail(data.trail, at: now)
        guard noticed != nil else { return }
        repairedAtTapCount += 1
        read(pgm, data.sequence, isRepaired: true, now, &budget)
    }

    private mutating func read(
        _ pgm: PGMDatagram,
        _ number: SequenceNumber,
        isRepaired: Bool,
        _ now: Int64,
        _ budget: inout Int
    ) {
        messages.handle(
            pgm.packet.payload,
            place: sequences.place(of: number),
            number: number,
            isCut: pgm.datagram.missingByteCount > 0,
            isRepaired: isRepaired,
            at: now,
            budget: &budget,
            sink: sink
        )
    }

    mutating func handleSPM(_ pgm: PGMDatagram, budget: inout Int) {
        let now = pgm.datagram.nanoseconds
        packets.spm += 1
        note(pgm, now)
        silence.handleSPM(pgm.packet, from: pgm.datagram.source, at: now)
        if case .spm(let fields) = pgm.packet.body, fields.hasWindow {
            // An SPM far behind or ahead would be a forged one, or of another count.
            if abs(window.steps(to: fields.trail)) < 1 << 30 {
                window.handleWindow(trail: fields.trail, lead: fields.lead, at: now)
            }
            leads.handleSPM(
                lead: fields.lead,
                next: sequences.first == nil ? nil : sequences.next,
                at: now
            )
        }
        parity.handleSPM(pgm.packet)
        if pgm.packet.options.first(ofType: OptionType.finish) != nil {
            details.finCount += 1
            if let sink {
                sink.log.handleEnd(of: sink.flow, at: sink.tap, nanoseconds: now)
            }
        }
        if !repairs.isIdle { sweep(now, &budget) }
    }

    mutating func handleNCF(_ pgm: PGMDatagram) {
        let now = pgm.datagram.nanoseconds
        packets.ncf += 1
        note(pgm, now)
        noteRepairer(pgm.datagram.source)
        timeline.add(at: now) { $0.ncf &+= 1 }
        guard !pgm.packet.isParity else { return }
        var numbers = pgm.packet.requested
        if numbers.count > 1 { details.ncfListCount += 1 }
        while let number = numbers.next() {
            repairs.handleNCF(
                number,
                isTooLate: isBeforeTrail(number),
                isBeforeTap: sequences.isBeforeFirst(number),
                at: now
            )
        }
    }

    mutating func handlePoll(_ pgm: PGMDatagram) {
        packets.poll += 1
        note(pgm, pgm.datagram.nanoseconds)
    }

    // MARK: - From receivers

    mutating func handleNAK(_ pgm: PGMDatagram) {
        let now = pgm.datagram.nanoseconds
        packets.nak += 1
        noteTime(now)
        timeline.add(at: now) { $0.nak &+= 1 }
        let receiver = repairs.handleNAK(from: pgm.datagram.source, at: now)
        guard !pgm.packet.isParity else {
            details.parityNakCount += 1
            return
        }
        var numbers = pgm.packet.requested
        if numbers.count > 1 { details.nakListCount += 1 }
        while let number = numbers.next() {
            repairs.handleRequest(
                number,
                from: receiver,
                isTooLate: isBeforeTrail(number),
                isMissingAtTap: sequences.isMissing(number),
                isBeforeTap: sequences.isBeforeFirst(number),
                at: now
            )
        }
    }

    mutating func handleUpstream(_ pgm: PGMDatagram) {
        noteTime(pgm.datagram.nanoseconds)
        switch pgm.packet.type {
        case .spmr:
            packets.spmr += 1
            repairs.handleSPMR(from: pgm.datagram.source, at: pgm.datagram.nanoseconds)
        case .nnak: packets.nnak += 1
        case .polr: packets.polr += 1
        case .ack: packets.ack += 1
        default: break
        }
    }

    // MARK: - Neither

    /// Messages that waited for a repair go to the log after all.
    mutating func finishMessages(budget: inout Int) {
        messages.finish(budget: &budget, sink: sink)
    }

    mutating func handleChecksumError(at nanoseconds: Int64) {
        details.checksumErrors.note(at: nanoseconds)
        noteTime(nanoseconds)
    }

    private func isBeforeTrail(_ number: SequenceNumber) -> Bool {
        window.trail.map { $0.isAfter(number) } ?? false
    }

    @inline(__always)
    private mutating func noteTime(_ nanoseconds: Int64) {
        if nanoseconds > lastNanoseconds { lastNanoseconds = nanoseconds }
    }

    @inline(__always)
    private mutating func note(_ pgm: PGMDatagram, _ now: Int64) {
        noteTime(now)
        let timeToLive = pgm.datagram.timeToLive
        if pgm.datagram.source == key.source {
            if timeToLive < details.timeToLiveMin { details.timeToLiveMin = timeToLive }
            if timeToLive > details.timeToLiveMax { details.timeToLiveMax = timeToLive }
        }
        switch pgm.checksum {
        case .valid, .invalid: break
        case .absent: if pgm.packet.type.isData { details.checksumAbsent.note(at: now) }
        case .unknown: details.checksumUnknownCount += 1
        }
    }

    private mutating func noteRepairer(_ address: IPAddress) {
        guard address != key.source, repairers.count < Self.repairerCountMax,
            !repairers.contains(address)
        else { return }
        repairers.append(address)
    }

    /// Closes what nothing will come of any more.
    private mutating func sweep(_ now: Int64, _ budget: inout Int) {
        for number in repairs.sweep(trail: window.trail, at: now) where sequences.giveUp(number) {
            missingCount += 1
        }
        if !sequences.abandoned.isEmpty { takeAbandoned() }
        guard let trail = window.trail, sequences.first != nil else { return }
        let trailPlace = sequences.place(of: trail)
        if messages.isWaiting {
            messages.giveUp(before: trailPlace, budget: &budget, sink: sink)
        }
        let patience = now &- Self.gapNanosecondsMax
        while let gap = sequences.removeGap(before: trailPlace, noticedBefore: patience) {
            miss(gap)
        }
    }

    private(set) var missingCount = 0

    private mutating func takeAbandoned() {
        for gap in sequences.abandoned { miss(gap) }
        sequences.abandoned = []
    }

    private mutating func miss(_ gap: GapSet.Gap) {
        let covered = parity.cover(first: sequences.number(at: gap.first), count: gap.count)
        repairedAtTapCount += covered
        guard covered < gap.count else { return }
        missingCount += gap.count - covered
        repairs.handleMissing(
            first: sequences.number(at: gap.first),
            last: sequences.number(at: gap.last),
            count: gap.count,
            at: gap.nanoseconds
        )
    }

    /// A gap that the trail passed is a loss after this time; chains in it are closed long before.
    private static let gapNanosecondsMax: Int64 = 15_000_000_000
    private static let repairerCountMax = 8
}
