/// SPMs, NCFs, POLLs, and what other receivers say (RFC 3208 §6.2, §6.3, §9.5, §9.7, §9.8, §13.5, §14.5).
extension Peer {
    // MARK: - SPM

    mutating func handleSPM(
        _ packet: PacketView,
        _ fields: SPMFields,
        hasWindow: Bool,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard isInSequence(fields.sequence) else {
            context.counters.spmsOutOfSequence += 1
            return
        }
        lastHeard = now
        spmSequence = fields.sequence
        path = fields.path
        requestDue = .max
        requestCount = 0
        if packet.hasOptions { handleOptions(packet, fields, &context, at: now) }
        if hasWindow {
            handleTrail(fields.trail, &context)
            handleLead(fields.lead, &context, at: now)
        }
        advance(&context)
    }

    /// RFC 3208 §6.2. One forged SPM far ahead must not silence all that follow: when SPMs out of sequence keep coming in
    /// sequence with each other, they are the real ones.
    private mutating func isInSequence(_ number: SequenceNumber) -> Bool {
        guard let spmSequence, !number.isAfter(spmSequence) else {
            strangeCount = 0
            return true
        }
        strangeCount = strangeCount > 0 && number == strangeSequence + 1 ? strangeCount + 1 : 1
        strangeSequence = number
        guard strangeCount > Self.strangeCountMax else { return false }
        strangeCount = 0
        return true
    }

    private static let strangeCountMax = 3

    private mutating func handleOptions(
        _ packet: PacketView,
        _ fields: SPMFields,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        for option in packet.options {
            switch option.content {
            case .parityParameters(_, let isOnDemand, let groupSize):
                handleParityParameters(groupSize, isOnDemand: isOnDemand, context)
            case .backOffInterval(let microseconds, let poll):
                // §15.4.1: an interval found by polling counts only for who was polled.
                if poll.rawValue == 0 || pollSequence.map({ !$0.isAfter(poll) }) == true {
                    backOff = min(Int64(microseconds) * 1_000, 1_000_000_000)
                }
            case .finish: handleFinish(last: fields.lead, &context, at: now)
            case .reset(let refusesNAKs, let code):
                handleReset(refusesNAKs, code, last: fields.lead, &context, at: now)
            default: continue
            }
        }
    }

    // MARK: - End

    /// OPT_FIN: nothing comes after this number (RFC 3208 §9.7).
    mutating func handleFinish(
        last: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard case .no = ending else { return }
        ending = .announced(last: last)
        expiryCheck = now + context.times.finishedExpiry
    }

    mutating func tellFinish(_ context: inout ReceiverContext) {
        guard case .announced(let last) = ending, window.next.isAfter(last) else { return }
        ending = .told
        if !isReset { context.directives.append(.peerFinished(id)) }
    }

    /// OPT_RST: the source breaks off (RFC 3208 §9.8).
    private mutating func handleReset(
        _ refusesNAKs: Bool,
        _ errorCode: UInt8,
        last: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        handleLead(last, &context, at: now)
        if refusesNAKs {
            self.refusesNAKs = true
            handleTrail(last + 1, &context)
        }
        guard !isReset else { return }
        isReset = true
        handleFinish(last: last, &context, at: now)
        context.directives.append(.peerReset(id, errorCode: errorCode))
    }

    // MARK: - NCF

    mutating func handleConfirmation(
        _ packet: PacketView,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        for number in packet.requested {
            if packet.isParity {
                handleParityConfirmation(number, &context, at: now)
            } else {
                handleConfirmation(of: number, &context, at: now)
            }
        }
    }

    /// A confirmed number is not asked for: its data is on the way, whoever asked (RFC 3208 §6.3).
    private mutating func handleConfirmation(
        of number: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard window.contains(number), window.phase(of: number).isMissing else { return }
        if window.phase(of: number) == .backOff { context.counters.nakNumbersSuppressed += 1 }
        window.move(number, to: .awaitData, deadline: now + context.times.dataWait)
    }

    /// An NCF for parity confirms a group for whoever misses no more than it promises (RFC 3208 §11.5).
    private mutating func handleParityConfirmation(
        _ number: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard let first = parity?.first(of: number) else { return }
        let missing = missing(ofGroup: first)
        let held = parity?[first].count ?? 0
        guard missing.count - held <= number.distance(from: first) + 1 else { return }
        for number in missing { handleConfirmation(of: number, &context, at: now) }
    }

    // MARK: - Neighbours

    /// A packet of another receiver, multicast to the group.
    mutating func handleNeighbour(
        _ packet: PacketView,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        switch packet.type {
        case .nak where !packet.isParity:
            for number in packet.requested { handleNAK(of: number, &context, at: now) }
        case .spmr where requestDue != .max:
            // Somebody has asked; the answer is for all (RFC 3208 §13.5).
            requestDue = max(requestDue, now + context.times.requestRetry)
        case .polr:
            if let option = packet.options.first(ofType: OptionType.redirect),
                case .redirect(let address) = option.content
            {
                redirect = address
            }
        default: break
        }
    }

    /// Another receiver's NAK counts like ours (RFC 3208 §6.3).
    private mutating func handleNAK(
        of number: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard window.contains(number) else { return }
        let confirmationDue = now + context.times.confirmationWait
        switch window.phase(of: number) {
        case .backOff:
            context.counters.nakNumbersSuppressed += 1
            window.move(number, to: .awaitConfirmation, deadline: confirmationDue)
        case .awaitConfirmation:
            window.move(number, to: .awaitConfirmation, deadline: confirmationDue)
        case .awaitData:
            window.move(number, to: .awaitData, deadline: now + context.times.dataWait)
        case .held, .lost: break
        }
    }

    // MARK: - POLL

    mutating func handlePoll(
        _ poll: PollFields,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        lastHeard = now
        // A new poll cancels the answer to an older one (§14.5).
        if response?.fields.sequence != poll.sequence { response = nil }
        if poll.round == 0 {
            pollSequence = poll.sequence
        } else if pollSequence != poll.sequence {
            return
        }
        guard poll.subtype == PollFields.general,
            poll.random & poll.mask == context.nodeID & poll.mask
        else { return }
        let longest = Int64(poll.backOffMicroseconds) * 1_000
        response = PendingResponse(
            fields: PollResponseFields(sequence: poll.sequence, round: poll.round),
            path: poll.path,
            due: now + context.randomTime(0, min(longest, 60_000_000_000))
        )
    }
}
