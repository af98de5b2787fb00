import Dissection

extension StreamState {
    /// What is known at the end of the capture, or now; counting can go on, unless messages are wanted.
    func makeReport(at end: Int64, senders: Set<IPAddress>) -> StreamReport {
        var report = StreamReport(
            capture: key.tap.capture,
            interface: key.tap.interface,
            transport: key.isUDP ? .epgm : .pgm,
            source: key.source,
            group: key.group,
            session: key.session,
            destinationPort: key.dataPort,
            firstNanoseconds: firstNanoseconds,
            lastNanoseconds: lastNanoseconds
        )
        report.packets = packets
        report.details = details
        report.window = window.report
        report.rate = rate.makeReport()
        report.timeline = timeline
        report.interval = interval
        report.repairers = repairers
        var silence = silence
        silence.finish(at: end)
        report.announcements = silence.report
        report.lastSourceNanoseconds = silence.lastHeard ?? firstNanoseconds
        fillLosses(of: &report, at: end, senders)
        var messages = messages
        var budget = 0
        messages.finish(budget: &budget, sink: nil)
        report.messages = messages.reader.makeReport()
        return report
    }

    private func fillLosses(
        of report: inout StreamReport,
        at end: Int64,
        _ senders: Set<IPAddress>
    ) {
        var sequences = sequences
        var repairs = repairs
        var missingCount = missingCount
        var parity = parity
        let tailPlace = sequences.nextPlace
        for lead in leads.unreached { sequences.handleEnd(lead: lead.number, at: lead.nanoseconds) }
        for number in repairs.finish(trail: window.trail, at: end)
        where sequences.giveUp(number) {
            missingCount += 1
        }
        var openAtTapCount = 0
        for gap in sequences.abandoned + sequences.removeAllGaps() {
            let covered = parity.cover(first: sequences.number(at: gap.first), count: gap.count)
            report.sequence.repairedAtTapCount += covered
            guard covered < gap.count else { continue }
            missingCount += gap.count - covered
            let isOpen = end &- gap.nanoseconds < Self.openNanosecondsMax
            if isOpen { openAtTapCount += gap.count }
            if gap.first >= tailPlace, !isOpen {
                report.sequence.tailNanoseconds = end &- gap.nanoseconds
            }
            repairs.handleMissing(
                first: sequences.number(at: gap.first),
                last: sequences.number(at: gap.last),
                count: gap.count,
                at: gap.nanoseconds
            )
        }
        report.sequence.first = sequences.first
        report.sequence.last = sequences.last
        report.sequence.span = sequences.span
        report.sequence.missingCount = missingCount
        report.sequence.openCount = openAtTapCount
        report.sequence.repairedAtTapCount += repairedAtTapCount
        report.sequence.gapCount = gapCount
        report.sequence.resets = resets
        report.repairSummary = repairs.summary
        report.repairSummary.tooLateCount = repairs.losses.tooLateCount
        report.repairs = repairs.repairs
        report.leftOutRepairCount = repairs.leftOutRepairCount
        report.losses = repairs.losses.sorted
        report.leftOutLossCount = repairs.losses.leftOutCount
        report.receivers = receivers(with: repairs, senders)
        report.leftOutReceiverCount = repairs.receivers.leftOutPacketCount
    }

    /// Those who spoke, and the members of the group who did not; the source is none.
    private func receivers(
        with repairs: RepairTracker,
        _ senders: Set<IPAddress>
    ) -> [StreamReport.Receiver] {
        var receivers = repairs.receivers.list
        var indexes: [IPAddress: Int] = [:]
        for (index, receiver) in receivers.enumerated() { indexes[receiver.address] = index }
        for member in activity?.members ?? []
        where indexes[member.address] != nil || !senders.contains(member.address) {
            let index: Int
            if let known = indexes[member.address] {
                index = known
            } else {
                index = receivers.count
                receivers.append(StreamReport.Receiver(address: member.address))
            }
            receivers[index].isMember = true
            receivers[index].joinedNanoseconds = member.joinedNanoseconds
            receivers[index].leftNanoseconds = member.leftNanoseconds
            receivers[index].joinToDataNanoseconds = member.joinToDataNanoseconds
        }
        return receivers.sorted { $0.address < $1.address }
    }

    private static let openNanosecondsMax: Int64 = 400_000_000
}
