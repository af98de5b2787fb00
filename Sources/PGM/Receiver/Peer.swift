import Vocabulary

/// One source as a receiver follows it: which of its packets have come, what is asked for, when it ends.
///
///     packet, time ─▶ Peer ─▶ window: what has come, what is missing
///                       ├───▶ repairs: when to ask for it, where
///                       ├───▶ parity: what can be computed instead
///                       ├───▶ sequence, requests: its SPMs, and asking for one
///                       ├───▶ polls: its POLLs
///                       └───▶ liveness, end: whether it still speaks, and how it ends
struct Peer: Sendable {
    let id: PeerID
    let info: PeerInfo
    var window: ReceiveWindow
    var repairs: RepairRequests
    var parity: ParityGroups?
    var sequence = SPMSequence()
    var requests = SPMRequestTimer()
    var polls = PollResponder()
    var liveness: Liveness
    var end = SessionEnd()
    /// Packets that were delivered or held: what the source has proven to be.
    var acceptedCount = 0
    /// The oldest number that the source can repair, as far as it has said.
    var trail: SequenceNumber
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
        repairs = RepairRequests(backOff: context.times.backOff)
        liveness = Liveness(at: now, expiry: context.times.strangerExpiry)
        trail = next
    }

    /// An SPM has come: there is somebody to ask, and who can answer. Anybody can send one packet of data.
    var hasSPM: Bool { repairs.path != nil }

    /// The source is gone: its place is free, its memory too.
    mutating func forget() {
        isActive = false
        parity = nil
        window = ReceiveWindow(next: window.next, countMax: 1)
    }

    // MARK: - Time

    func deadline(_ outstandingCountMax: Int) -> Int64 {
        let due = min(liveness.due, requests.due, polls.due)
        guard window.missingCount > 0 else { return due }
        let waits = min(
            window.deadline(of: .awaitConfirmation),
            window.deadline(of: .awaitData)
        )
        // With too much outstanding, back-offs wait for answers.
        guard window.outstandingCount < self.outstandingCountMax(outstandingCountMax) else {
            return min(due, waits)
        }
        return min(due, waits, window.deadline(of: .backOff))
    }

    /// How much may be asked for at a time. A source that announces much and sends little may be forged: who answers it
    /// eagerly is an amplifier.
    private func outstandingCountMax(_ limit: Int) -> Int {
        min(limit, Self.unprovenCountMax + 4 * acceptedCount)
    }

    /// Whether the source is gone, silent for too long: then everything missing is lost.
    mutating func handleTimeout(_ context: inout ReceiverContext, at now: Int64) -> Bool {
        if liveness.isOver(expiry: expiry(context.times), at: now) {
            giveUp(&context)
            return true
        }
        if requests.handleTimeout(&context, at: now) {
            context.counters.spmRequests += 1
            context.directives.append(.sendSPMR(id, to: info.address))
        }
        if let response = polls.takeDue(at: now) {
            context.counters.pollResponses += 1
            context.directives.append(.sendPOLR(id, response.fields, to: response.path))
        }
        guard window.missingCount > 0 else { return false }
        repairs.expireWaits(&window, &context, at: now)
        sendNAKs(&context, at: now)
        advance(&context)
        return false
    }

    /// How long the source may be silent.
    private func expiry(_ times: ReceiverContext.Times) -> Int64 {
        guard end.isRunning else { return times.finishedExpiry }
        return hasSPM ? times.expiry : times.strangerExpiry
    }

    /// The source is gone: what is missing is lost, what is held is delivered.
    mutating func giveUp(_ context: inout ReceiverContext) {
        handleTrail(window.lead + 1, &context)
    }

    // MARK: - NAK

    private mutating func sendNAKs(_ context: inout ReceiverContext, at now: Int64) {
        if end.refusesNAKs {
            while let number = window.firstDue(.backOff, at: now) { window.giveUp(number) }
            return
        }
        let batch = repairs.takeDue(
            &window,
            parity,
            outstandingCountMax: outstandingCountMax(context.options.outstandingCountMax),
            context,
            at: now
        )
        guard let batch else { return }
        send(batch.numbers, isParity: false, to: batch.destination, &context)
        send(batch.parityNumbers, isParity: true, to: batch.destination, &context)
    }

    /// Oldest first (RFC 3208 §6.3), in lists (§9.3).
    private func send(
        _ numbers: [SequenceNumber],
        isParity: Bool,
        to destination: NetworkAddress,
        _ context: inout ReceiverContext
    ) {
        let next = window.next
        let sorted = numbers.sorted { $0.distance(from: next) < $1.distance(from: next) }
        for start in stride(from: 0, to: sorted.count, by: context.options.nakNumberCountMax) {
            let end = min(start + context.options.nakNumberCountMax, sorted.count)
            context.counters.nakPackets += 1
            context.counters.nakNumbers += end - start
            context.directives.append(
                .sendNAK(
                    id,
                    NAKRequest(
                        numbers: Array(sorted[start..<end]),
                        isParity: isParity,
                        destination: destination,
                        source: info.address,
                        group: info.group
                    )
                )
            )
        }
    }

    private static let unprovenCountMax = 256
}
