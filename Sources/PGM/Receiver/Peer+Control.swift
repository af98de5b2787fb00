import Vocabulary

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
        guard sequence.accept(fields.sequence) else {
            context.counters.spmsOutOfSequence += 1
            return
        }
        liveness.hear(at: now)
        repairs.path = fields.path
        requests.handleSPM()
        if packet.hasOptions { handleOptions(packet, fields, &context, at: now) }
        if hasWindow {
            handleTrail(fields.trail, &context)
            handleLead(fields.lead, &context, at: now)
        }
        advance(&context)
    }

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
                if poll.rawValue == 0 || polls.wasAsked(by: poll) {
                    repairs.backOff = min(Int64(microseconds) * 1_000, Self.backOffMax)
                }
            case .finish: handleFinish(last: fields.lead, &context, at: now)
            case .reset(let refusesNAKs, let code):
                handleReset(refusesNAKs, code, last: fields.lead, &context, at: now)
            default: continue
            }
        }
    }

    private static let backOffMax: Int64 = 1_000_000_000

    // MARK: - End

    /// OPT_FIN: nothing comes after this number (RFC 3208 §9.7).
    mutating func handleFinish(
        last: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard end.announce(last: last) else { return }
        liveness.shorten(to: context.times.finishedExpiry, at: now)
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
            end.refuseNAKs()
            handleTrail(last + 1, &context)
        }
        guard end.reset() else { return }
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
                repairs.handleConfirmation(of: number, &window, &context, at: now)
            }
        }
    }

    /// An NCF for parity confirms a group for whoever misses no more than it promises (RFC 3208 §11.5).
    private mutating func handleParityConfirmation(
        _ number: SequenceNumber,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard let parity else { return }
        let first = parity.first(of: number)
        let missing = parity.missing(of: first, in: window)
        guard missing.count - parity[first].count <= number.distance(from: first) + 1 else {
            return
        }
        for number in missing {
            repairs.handleConfirmation(of: number, &window, &context, at: now)
        }
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
            for number in packet.requested {
                repairs.handleOthersNAK(of: number, &window, &context, at: now)
            }
        case .spmr: requests.handleOthersRequest(context, at: now)
        case .polr:
            if let option = packet.options.first(ofType: OptionType.redirect),
                case .redirect(let address) = option.content
            {
                repairs.redirect = address
            }
        default: break
        }
    }

    // MARK: - POLL

    mutating func handlePoll(
        _ poll: PollFields,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        liveness.hear(at: now)
        polls.handle(poll, &context, at: now)
    }
}
