import Vocabulary

/// What a receiver asks for, and when (RFC 3208 §6.3, §11.5, §13.5, §14.5).
extension Peer {
    /// Whether the source is gone, silent for too long: then everything missing is lost.
    mutating func handleTimeout(_ context: inout ReceiverContext, at now: Int64) -> Bool {
        if now >= expiryCheck {
            let end = lastHeard + expiry(context.times)
            guard now < end else {
                giveUp(&context)
                return true
            }
            expiryCheck = end
        }
        if now >= requestDue { sendSPMR(&context, at: now) }
        if let response, now >= response.due {
            self.response = nil
            context.counters.pollResponses += 1
            context.directives.append(.sendPOLR(id, response.fields, to: response.path))
        }
        guard window.missingCount > 0 else { return false }
        expireWaits(&context, at: now)
        sendNAKs(&context, at: now)
        advance(&context)
        return false
    }

    /// How long the source may be silent.
    private func expiry(_ times: ReceiverContext.Times) -> Int64 {
        guard case .no = ending else { return times.finishedExpiry }
        return hasSPM ? times.expiry : times.strangerExpiry
    }

    /// The source is gone: what is missing is lost, what is held is delivered.
    mutating func giveUp(_ context: inout ReceiverContext) {
        handleTrail(window.lead + 1, &context)
    }

    // MARK: - SPMR

    /// A session whose SPMs have not come yet: NAKs have nowhere to go.
    mutating func requestSPM(_ context: inout ReceiverContext, at now: Int64) {
        guard path == nil else { return }
        requestDue = now + context.randomTime(0, context.times.requestBackOff)
    }

    /// Who does not answer is asked at ever longer intervals, and all together only so often: sources that do not exist
    /// cost whoever forges them one packet, and every request goes to the whole group.
    private mutating func sendSPMR(_ context: inout ReceiverContext, at now: Int64) {
        let mayRequest = context.takeRequest(at: now)
        let wait = context.times.requestRetry << min(requestCount, Self.requestDoublingCountMax)
        requestDue = now + wait + context.randomTime(0, context.times.requestBackOff)
        guard mayRequest else { return }
        requestCount += 1
        context.counters.spmRequests += 1
        context.directives.append(.sendSPMR(id, to: info.address))
    }

    private static let requestDoublingCountMax = 5

    // MARK: - NAK

    /// Numbers whose NCF or data is late go back to back-off, or are lost after too many tries.
    private mutating func expireWaits(_ context: inout ReceiverContext, at now: Int64) {
        let deadline = now + context.gapBackOff(backOff)
        while let number = window.firstDue(.awaitConfirmation, at: now) {
            // A local repairer that does not confirm is not asked again (§9.5.4).
            redirect = nil
            retryConfirmation(of: number, context, deadline)
        }
        while let number = window.firstDue(.awaitData, at: now) {
            window[number].dataRetryCount += 1
            if Int(window[number].dataRetryCount) > context.options.dataRetryCountMax {
                window.giveUp(number)
            } else {
                window.move(number, to: .backOff, deadline: deadline)
            }
        }
    }

    private mutating func retryConfirmation(
        of number: SequenceNumber,
        _ context: ReceiverContext,
        _ deadline: Int64
    ) {
        window[number].confirmationRetryCount += 1
        if Int(window[number].confirmationRetryCount) > context.options.confirmationRetryCountMax {
            window.giveUp(number)
        } else {
            window.move(number, to: .backOff, deadline: deadline)
        }
    }

    /// Sends the NAKs whose back-off is over, and those that are nearly due with them.
    private mutating func sendNAKs(_ context: inout ReceiverContext, at now: Int64) {
        guard window.firstDue(.backOff, at: now) != nil else { return }
        if refusesNAKs {
            while let number = window.firstDue(.backOff, at: now) { window.giveUp(number) }
            return
        }
        guard let destination = redirect ?? path else { return postpone(context, at: now) }
        let slack = context.times.backOffMinimum / 2
        let due = now + context.times.confirmationWait
        var numbers: [SequenceNumber] = []
        var groups: [SequenceNumber] = []
        let countMax = outstandingCountMax(context.options.outstandingCountMax)
        while window.outstandingCount < countMax,
            let number = window.firstDue(.backOff, at: now + slack)
        {
            if deferSelective(number, context, at: now) { continue }
            if let group = parityGroup(of: number) {
                groups.append(requestNumber(ofGroup: group))
                for missing in missing(ofGroup: group) where window.phase(of: missing).isMissing {
                    window.move(missing, to: .awaitConfirmation, deadline: due)
                }
            } else {
                numbers.append(number)
                window.move(number, to: .awaitConfirmation, deadline: due)
            }
        }
        appendNAKs(numbers, isParity: false, destination, &context)
        appendNAKs(groups, isParity: true, destination, &context)
    }

    /// Oldest first (§6.3), in lists (§9.3).
    private func appendNAKs(
        _ numbers: [SequenceNumber],
        isParity: Bool,
        _ destination: NetworkAddress,
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

    /// Without an SPM no NAK may be sent (§6.2): the numbers wait, as if their NAKs had not been confirmed.
    private mutating func postpone(_ context: ReceiverContext, at now: Int64) {
        while let number = window.firstDue(.backOff, at: now) {
            retryConfirmation(of: number, context, now + context.times.confirmationWait)
        }
    }

    // MARK: - Parity NAKs

    /// The group whose parity can be asked for instead of this number: the source must still have all of it.
    private func parityGroup(of number: SequenceNumber) -> SequenceNumber? {
        guard parity?.isOnDemand == true, let first = parity?.first(of: number),
            let last = parity?.last(of: number), isUsable(first),
            window.lead.distance(from: last) >= 0, first.distance(from: trail) >= 0
        else { return nil }
        return first
    }

    /// The group's number with the count of missing packets, less one, in the low bits (§11.3.1).
    private func requestNumber(ofGroup first: SequenceNumber) -> SequenceNumber {
        first + max(0, missing(ofGroup: first).count - (parity?[first].count ?? 0) - 1)
    }

    /// A number of a group that is not complete is asked for only when the group does not become complete soon: then
    /// parity serves better. Whether it was put off.
    private mutating func deferSelective(
        _ number: SequenceNumber,
        _ context: ReceiverContext,
        at now: Int64
    ) -> Bool {
        guard let first = parity?.first(of: number), let last = parity?.last(of: number),
            isUsable(first), window.lead.distance(from: last) < 0,
            window[number].deferralCount < 2
        else { return false }
        window[number].deferralCount += 1
        let wait = max(context.times.backOffMinimum, backOff, 100_000)
        window.move(number, to: .backOff, deadline: now + wait)
        return true
    }
}
