import Dissection

extension StreamReport.Receiver {
    /// The receivers of several streams, one for each address; who lost most comes first.
    package static func merged(_ streams: [StreamReport]) -> [StreamReport.Receiver] {
        var receivers: [StreamReport.Receiver] = []
        var indexes: [IPAddress: Int] = [:]
        for receiver in streams.flatMap(\.receivers) {
            guard let index = indexes[receiver.address] else {
                indexes[receiver.address] = receivers.count
                receivers.append(receiver)
                continue
            }
            receivers[index].add(receiver)
        }
        return receivers.sorted { left, right in
            left.lostCount != right.lostCount
                ? left.lostCount > right.lostCount : left.address < right.address
        }
    }

    private mutating func add(_ other: StreamReport.Receiver) {
        nakCount += other.nakCount
        nakNumberCount += other.nakNumberCount
        lostCount += other.lostCount
        repairedCount += other.repairedCount
        unrepairedCount += other.unrepairedCount
        openCount += other.openCount
        lostRepairCount += other.lostRepairCount
        spmrCount += other.spmrCount
        hasAsked = hasAsked || other.hasAsked
        hasRequestedSPM = hasRequestedSPM || other.hasRequestedSPM
        if let first = other.firstNanoseconds {
            firstNanoseconds = min(firstNanoseconds ?? first, first)
        }
        if let last = other.lastNanoseconds { lastNanoseconds = max(lastNanoseconds ?? last, last) }
        repairLatency.add(other.repairLatency)
    }
}
