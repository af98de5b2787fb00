public import Wire

/// What receivers send to a source (RFC 3208 §5.2, §5.3, §9.3.4, §11.4, §13.4).
extension Source {
    /// A packet that was sent to this source: NAK, NNAK, SPMR, POLR, ACK. The checksum has been verified.
    public mutating func handle(_ packet: PacketView, at now: Instant) -> SourceAnswer {
        guard packet.type.isUpstream, packet.sessionID == sessionID, packet.dataPort == dataPort
        else {
            counters.strayPackets += 1
            return .refused
        }
        let time = now.nanoseconds
        switch packet.type {
        case .nak: return handleNAK(packet, at: time)
        case .nnak:
            // A local repairer has sent the repair; to us this only reports a loss.
            counters.nnakPackets += 1
            adaptive?.handleLoss(packet.requested.count)
        case .spmr: handleSPMRequest(at: time)
        case .polr: counters.pollResponses += 1
        case .ack: counters.acknowledgements += 1
        case .spm, .poll, .odata, .rdata, .ncf: return .refused
        }
        return .none
    }

    private mutating func handleSPMRequest(at now: Int64) {
        counters.spmRequests += 1
        guard schedule.handleRequest(at: now) else {
            counters.spmRequestsSpared += 1
            return
        }
        sendSPM(at: now)
    }

    private mutating func handleNAK(_ packet: PacketView, at now: Int64) -> SourceAnswer {
        counters.nakPackets += 1
        guard case .nak(let fields) = packet.body else { return .refused }
        if options.checksNAKAddresses, fields.source != address || fields.group != group {
            counters.naksMisaddressed += 1
            return .refused
        }
        guard nakBucket.take(1, at: now) else {
            counters.naksOverRate += 1
            return .refused
        }
        guard answersNAKs else { return .refused }
        window.expire(at: now)
        var isConfirmed = false
        var newCount = 0
        for number in packet.requested {
            counters.nakNumbers += 1
            let isNew =
                packet.isParity
                ? requestParity(number, &isConfirmed, at: now)
                : requestRepair(number, &isConfirmed, at: now)
            if isNew { newCount += 1 }
        }
        adaptive?.handleLoss(newCount)
        // "Immediately" (§5.3, §5.2): whatever the rate allows now is sent behind the NCF.
        if newCount > 0 { releaseRepairs(at: now) }
        guard isConfirmed else { return .refused }
        counters.confirmations += 1
        return .confirm
    }

    /// One number of a NAK; whether it has to be repaired now and was not before.
    private mutating func requestRepair(
        _ number: SequenceNumber,
        _ isConfirmed: inout Bool,
        at now: Int64
    ) -> Bool {
        guard window.lead.distance(from: number) >= 0 else {
            counters.nakNumbersUnknown += 1
            return false
        }
        guard window.contains(number) else {
            handleTooOld(&isConfirmed, at: now)
            return false
        }
        confirm(number, &isConfirmed, at: now)
        if window[number].isQueued || now - window[number].repairedAt < repairHold {
            counters.nakNumbersMerged += 1
            return false
        }
        window[number].isQueued = true
        repairs.add(number, due: now + repairDelay)
        return true
    }

    /// A NAK for what can no longer be repaired is still confirmed (§5.2). An SPM then shows where the window begins, so
    /// that the receiver gives up at once instead of asking again.
    private mutating func handleTooOld(_ isConfirmed: inout Bool, at now: Int64) {
        counters.nakNumbersTooOld += 1
        if now - confirmedOldAt >= confirmationInterval {
            confirmedOldAt = now
            isConfirmed = true
        }
        if schedule.handleRequest(at: now) { sendSPM(at: now) }
    }

    /// Limits how often the same NCF is sent (§5.2).
    private mutating func confirm(
        _ number: SequenceNumber,
        _ isConfirmed: inout Bool,
        at now: Int64
    ) {
        if now - window[number].confirmedAt >= confirmationInterval {
            window[number].confirmedAt = now
            isConfirmed = true
        } else {
            counters.confirmationsSpared += 1
        }
    }

    /// One entry of a parity NAK: a group and, in the low bits, how many packets of it are missing, less one.
    private mutating func requestParity(
        _ number: SequenceNumber,
        _ isConfirmed: inout Bool,
        at now: Int64
    ) -> Bool {
        guard let parity = options.parity, parity.isOnDemand else {
            counters.parityNAKsRefused += 1
            return false
        }
        let low = UInt32(parity.groupSize - 1)
        let first = SequenceNumber(number.rawValue & ~low)
        guard window.lead.distance(from: first + (parity.groupSize - 1)) >= 0 else {
            counters.parityNAKsRefused += 1
            return false
        }
        guard window.contains(first) else {
            handleTooOld(&isConfirmed, at: now)
            return false
        }
        confirm(first, &isConfirmed, at: now)
        let isNew = repairs.addParity(
            group: first,
            count: Int(number.rawValue & low) + 1,
            due: now + repairDelay,
            firstIndex: parity.proactiveCount
        )
        if !isNew { counters.nakNumbersMerged += 1 }
        return isNew
    }

    // MARK: - Repairs

    /// Turns as many requests into directives as the rate allows now: all of them, not one per wake-up.
    mutating func releaseRepairs(at now: Int64) {
        while let entry = repairs.first, entry.due <= now {
            guard window.contains(entry.number) else {
                repairs.removeFirst()
                continue
            }
            let isSent = entry.isParity ? sendParity(entry, at: now) : sendRepair(entry, at: now)
            guard isSent else { return }
        }
    }

    /// Octets of the next packet that an entry asks for.
    func byteCount(of entry: RepairQueue.Entry) -> Int {
        guard window.contains(entry.number) else { return 0 }
        guard entry.isParity, let parity = options.parity else {
            return Int(window[entry.number].byteCount)
        }
        return parityByteCount(group: entry.number, parity)
    }

    private mutating func takeTokens(_ byteCount: Int, at now: Int64) -> Bool {
        let cost = byteCount + options.overheadByteCount
        guard bucket.has(cost, at: now), repairBucket.has(cost, at: now) else { return false }
        _ = bucket.take(cost, at: now)
        _ = repairBucket.take(cost, at: now)
        return true
    }

    private mutating func sendRepair(_ entry: RepairQueue.Entry, at now: Int64) -> Bool {
        let byteCount = Int(window[entry.number].byteCount)
        guard takeTokens(byteCount, at: now) else { return false }
        repairs.removeFirst()
        window[entry.number].isQueued = false
        window[entry.number].repairedAt = now
        counters.repairPackets += 1
        counters.repairByteCount += byteCount
        schedule.handleData(at: now)
        directives.append(
            .sendRepair(DataFields(sequence: entry.number, trail: window.trail))
        )
        return true
    }

    private mutating func sendParity(_ entry: RepairQueue.Entry, at now: Int64) -> Bool {
        guard let parity = options.parity else { return false }
        let byteCount = parityByteCount(group: entry.number, parity)
        while repairs.hasPendingParity(group: entry.number) {
            guard takeTokens(byteCount, at: now) else { return false }
            guard let index = repairs.nextParityIndex(group: entry.number) else { break }
            counters.repairPackets += 1
            counters.repairByteCount += byteCount
            appendParity(index, of: entry.number, parity, type: .rdata)
        }
        schedule.handleData(at: now)
        repairs.removeFirst()
        return true
    }

    /// After the last packet of a group its parity follows (§11.4).
    mutating func sendProactiveParity(
        _ parity: ParityOptions,
        after number: SequenceNumber,
        at now: Int64
    ) {
        guard parity.proactiveCount > 0,
            Int(number.rawValue) & (parity.groupSize - 1) == parity.groupSize - 1
        else { return }
        let first = number - (parity.groupSize - 1)
        guard window.contains(first) else { return }
        let byteCount = parityByteCount(group: first, parity)
        for index in 0..<parity.proactiveCount {
            bucket.charge(byteCount + options.overheadByteCount, at: now)
            appendParity(index, of: first, parity, type: .odata)
        }
    }

    /// As long as the longest packet of the group, and two octets for the length.
    private func parityByteCount(group first: SequenceNumber, _ parity: ParityOptions) -> Int {
        var longest = 0
        for step in 0..<parity.groupSize {
            longest = max(longest, Int(window[first + step].byteCount))
        }
        return longest + 2
    }

    private mutating func appendParity(
        _ index: Int,
        of first: SequenceNumber,
        _ parity: ParityOptions,
        type: PacketType
    ) {
        let number = first + index % parity.groupSize
        counters.parityPackets += 1
        directives.append(
            .sendParity(
                ParityRequest(
                    group: first,
                    groupSize: parity.groupSize,
                    index: index,
                    type: type,
                    fields: DataFields(sequence: number, trail: window.trail),
                    options: index < parity.groupSize
                        ? []
                        : [PacketOption(.parityGroup(UInt32(index / parity.groupSize)))]
                )
            )
        )
    }
}
