import Vocabulary

/// Asks for what is missing, as late as others' requests allow, and gives up what has been asked for too often
/// (RFC 3208 §6.3). The numbers and their timers are in the window.
struct RepairRequests: Sendable {
    /// What is to be asked for now.
    struct Batch {
        var numbers: [SequenceNumber] = []
        /// One for each transmission group (RFC 3208 §11.3.1).
        var parityNumbers: [SequenceNumber] = []
        var destination: NetworkAddress
    }

    /// Where NAKs go; `nil` until the first SPM: before that no repair may be asked for (RFC 3208 §6.2).
    var path: NetworkAddress?
    /// A local repairer that offered itself (RFC 3208 §9.5).
    var redirect: NetworkAddress?
    /// A NAK waits a random part of this for somebody else's.
    var backOff: Int64

    init(backOff: Int64) {
        self.backOff = backOff
    }

    // MARK: - Time

    /// Numbers whose NCF or data is late go back to back-off, or are lost after too many tries.
    mutating func expireWaits(
        _ window: inout ReceiveWindow,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        let deadline = now + context.gapBackOff(backOff)
        while let number = window.firstDue(.awaitConfirmation, at: now) {
            // A local repairer that does not confirm is not asked again (§9.5.4).
            redirect = nil
            Self.retryConfirmation(of: number, &window, context.options, deadline)
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

    private static func retryConfirmation(
        of number: SequenceNumber,
        _ window: inout ReceiveWindow,
        _ options: ReceiverOptions,
        _ deadline: Int64
    ) {
        window[number].confirmationRetryCount += 1
        if Int(window[number].confirmationRetryCount) > options.confirmationRetryCountMax {
            window.giveUp(number)
        } else {
            window.move(number, to: .backOff, deadline: deadline)
        }
    }

    /// The numbers whose back-off is over, and those that are nearly due with them: they share a NAK. Not more than may
    /// be outstanding at a time.
    func takeDue(
        _ window: inout ReceiveWindow,
        _ parity: ParityGroups?,
        outstandingCountMax: Int,
        _ context: ReceiverContext,
        at now: Int64
    ) -> Batch? {
        guard window.firstDue(.backOff, at: now) != nil else { return nil }
        guard let destination = redirect ?? path else {
            postpone(&window, context, at: now)
            return nil
        }
        let slack = context.times.backOffMinimum / 2
        let due = now + context.times.confirmationWait
        var batch = Batch(destination: destination)
        while window.outstandingCount < outstandingCountMax,
            let number = window.firstDue(.backOff, at: now + slack)
        {
            if let parity, wait(for: number, parity, &window, context, at: now) { continue }
            if let parity, let first = parity.requestableGroup(of: number, in: window) {
                batch.parityNumbers.append(parity.requestNumber(of: first, in: window))
                for missing in parity.missing(of: first, in: window)
                where window.phase(of: missing).isMissing {
                    window.move(missing, to: .awaitConfirmation, deadline: due)
                }
            } else {
                batch.numbers.append(number)
                window.move(number, to: .awaitConfirmation, deadline: due)
            }
        }
        return batch
    }

    /// Without an SPM no NAK may be sent (§6.2): the numbers wait, as if their NAKs had not been confirmed.
    private func postpone(
        _ window: inout ReceiveWindow,
        _ context: ReceiverContext,
        at now: Int64
    ) {
        let deadline = now + context.times.confirmationWait
        while let number = window.firstDue(.backOff, at: now) {
            Self.retryConfirmation(of: number, &window, context.options, deadline)
        }
    }

    /// A number of a group that is not complete is asked for only when the group does not become complete soon: then
    /// parity serves better. Whether it was put off.
    private func wait(
        for number: SequenceNumber,
        _ parity: ParityGroups,
        _ window: inout ReceiveWindow,
        _ context: ReceiverContext,
        at now: Int64
    ) -> Bool {
        guard parity.isUsable(parity.first(of: number)),
            window.lead.distance(from: parity.last(of: number)) < 0,
            window[number].deferralCount < 2
        else { return false }
        window[number].deferralCount += 1
        let wait = max(context.times.backOffMinimum, backOff, Self.deferralMinimum)
        window.move(number, to: .backOff, deadline: now + wait)
        return true
    }

    // MARK: - What others ask for

    /// A confirmed number is not asked for: its data is on the way, whoever asked.
    func handleConfirmation(
        of number: SequenceNumber,
        _ window: inout ReceiveWindow,
        _ context: inout ReceiverContext,
        at now: Int64
    ) {
        guard window.contains(number), window.phase(of: number).isMissing else { return }
        if window.phase(of: number) == .backOff { context.counters.nakNumbersSuppressed += 1 }
        window.move(number, to: .awaitData, deadline: now + context.times.dataWait)
    }

    /// Another receiver's NAK counts like ours.
    func handleOthersNAK(
        of number: SequenceNumber,
        _ window: inout ReceiveWindow,
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

    private static let deferralMinimum: Int64 = 100_000
}
