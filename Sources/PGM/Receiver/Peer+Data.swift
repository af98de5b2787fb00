/// Data and repairs (RFC 3208 §6.1, §6.3).
extension Peer {
    /// The next packet, with nothing missing, a trail that tells nothing new, no options: most packets.
    @inline(__always)
    mutating func takeInOrder(_ fields: DataFields, at now: Int64) -> Bool {
        guard window.next.distance(from: fields.trail) >= 0, end.isRunning,
            window.takeInOrder(fields.sequence)
        else { return false }
        liveness.hear(at: now)
        acceptedCount &+= 1
        return true
    }

    static func isPossible(_ fields: DataFields) -> Bool {
        let distance = fields.sequence.distance(from: fields.trail)
        return distance >= 0 && distance < Int(Int32.max) - 1
    }

    mutating func handleData(
        _ packet: PacketView,
        _ fields: DataFields,
        _ context: inout ReceiverContext,
        at now: Int64
    ) -> Reception {
        guard Self.isPossible(fields) else {
            context.counters.windowsImpossible += 1
            return .done
        }
        liveness.hear(at: now)
        handleTrail(fields.trail, &context)
        if packet.isParity { return handleParity(packet, fields, &context, at: now) }
        if packet.hasOptions, packet.options.first(ofType: OptionType.finish) != nil {
            handleFinish(last: fields.sequence, &context, at: now)
        }
        switch take(fields.sequence, &context, at: now) {
        case .next:
            context.counters.deliveredPackets += 1
            advance(&context)
            completeGroup(of: fields.sequence, &context)
            return .deliver(id)
        case .held:
            advance(&context)
            completeGroup(of: fields.sequence, &context)
            return .hold(id)
        case .duplicate: context.counters.duplicates += 1
        case .tooOld: context.counters.packetsTooOld += 1
        case .beyondWindow: context.counters.packetsBeyondWindow += 1
        }
        return .done
    }

    private mutating func take(
        _ number: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) -> ReceiveWindow.Acceptance {
        let wasMissing = window.contains(number) && window.phase(of: number).isMissing
        let missingSince = wasMissing ? window[number].missingSince : now
        let limit = usableCount(context)
        if number.distance(from: window.next) >= limit {
            switch context.options.overflow {
            case .discardNewest:
                // The gap before it is real all the same, and this number will be asked for when there is room.
                handleLead(number, &context, at: now)
                return .beyondWindow
            case .loseOldest:
                handleTrail(number - (limit - 1), &context)
            }
        }
        // Directives that are waiting come before this packet: then it must be kept until after them.
        let acceptance = window.take(
            number,
            mayDeliver: context.directives.isEmpty,
            gapDeadline: now + context.gapBackOff(repairs.backOff),
            at: now
        )
        if acceptance == .next || acceptance == .held { acceptedCount &+= 1 }
        if wasMissing {
            context.counters.recoveredPackets += 1
            context.repairTimes.record(nanoseconds: now - missingSince)
        }
        return acceptance
    }

    /// How far ahead of the next number a packet may be. With parity a group's older packets need room as well.
    func usableCount(_ context: ReceiverContext) -> Int {
        context.windowPacketCount - (parity?.groupSize ?? 0)
    }

    // MARK: - Window

    /// The source can repair nothing older than this: what is missing before it is lost (RFC 3208 §6.3).
    mutating func handleTrail(_ trail: SequenceNumber, _ context: inout ReceiverContext) {
        if trail.isAfter(self.trail) {
            self.trail = trail
            parity?.trail = trail
        }
        guard trail.isAfter(window.next) else { return }
        window.giveUp(before: trail)
        advance(&context)
        if let range = window.skip(to: trail) { reportLoss(range, &context) }
    }

    /// Numbers up to this one exist (RFC 3208 §6.3).
    mutating func handleLead(
        _ lead: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard lead.isAfter(window.lead) else { return }
        var end = lead
        let limit = usableCount(context)
        if end.distance(from: window.next) >= limit {
            context.counters.leadsBeyondWindow += 1
            end = window.next + (limit - 1)
            guard end.isAfter(window.lead) else { return }
        }
        window.extend(to: end, deadline: now + context.gapBackOff(repairs.backOff), at: now)
    }

    /// Gives out what follows without a gap.
    mutating func advance(_ context: inout ReceiverContext) {
        while let (range, isHeld) = window.advance() {
            if isHeld {
                context.counters.deliveredPackets += range.count
                context.directives.append(.deliverHeld(id, range))
            } else {
                reportLoss(range, &context)
            }
        }
        if end.advance(to: window.next) { context.directives.append(.peerFinished(id)) }
    }

    /// Losses that follow each other are one.
    private mutating func reportLoss(_ range: SequenceRange, _ context: inout ReceiverContext) {
        context.counters.lostPackets += range.count
        parity?.usableFrom = range.last + 1
        if case .reportLoss(id, let before) = context.directives.last,
            before.first + before.count == range.first
        {
            let whole = SequenceRange(first: before.first, count: before.count + range.count)
            return context.directives.replaceLast(with: .reportLoss(id, whole))
        }
        context.directives.append(.reportLoss(id, range))
    }
}
