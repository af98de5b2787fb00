import Rendering

/// Receivers that lose far more than others, over all streams of a group: what they suffer from is theirs, not a source's.
struct ReceiverFindings {
    let relations: StreamRelations

    var findings: [StreamFinding] {
        var tables: [[StreamReport]] = []
        for stream in relations.streams
        where stream.packets.odata > 0 && stream.packets.nak > 0
            && !relations.isToldElsewhere(stream)
        {
            let index = tables.firstIndex { streams in
                streams[0].capture == stream.capture && streams[0].interface == stream.interface
                    && streams[0].group == stream.group
            }
            if let index { tables[index].append(stream) } else { tables.append([stream]) }
        }
        return tables.flatMap(Self.cryingReceivers)
    }

    private static func cryingReceivers(_ streams: [StreamReport]) -> [StreamFinding] {
        let receivers = StreamReport.Receiver.merged(streams)
        let span = streams.reduce(0) { $0 + $1.sequence.span }
        return receivers.filter { $0.lostCount >= cryingCountMin }.compactMap { receiver in
            let others = receivers.filter { $0.address != receiver.address }
            let counts = others.map(\.lostCount).sorted()
            let median = counts.isEmpty ? 0 : counts[(counts.count - 1) / 2]
            guard receiver.lostCount * 200 >= span, receiver.lostCount > 5 * max(median, 1) else {
                return nil
            }
            let inStreams = streams.count > 1 ? " of \(streams.count) streams" : ""
            return StreamFinding(
                .warning,
                "crying-receiver",
                streams[0],
                "\(receiver.address) asked for \(Figures.count(receiver.lostCount)) of "
                    + "\(Figures.count(span, "packet"))\(inStreams) "
                    + "(\(Figures.percent(receiver.lostCount, of: span))) in "
                    + "\(Figures.count(receiver.nakCount, "request")); \(Self.compare(counts, median)). It loses "
                    + "them itself or on its own link: look at its port's errors, its CPU and its receive buffer "
                    + "(ZMQ_RCVBUF, net.core.rmem_max).",
                first: receiver.firstNanoseconds,
                last: receiver.lastNanoseconds,
                count: receiver.lostCount,
                receiver: receiver.address
            )
        }
    }

    private static func compare(_ counts: [Int], _ median: Int) -> String {
        if counts.isEmpty { return "no other receiver is known" }
        let quiet = counts.count { $0 == 0 }
        if quiet == counts.count {
            return counts.count == 1
                ? "the other receiver asked for none"
                : "the other \(Figures.count(quiet, "receiver")) asked for none"
        }
        if quiet > 0 {
            return
                "\(Figures.count(quiet)) of the other \(Figures.count(counts.count, "receiver")) asked for none"
        }
        return "the other \(Figures.count(counts.count, "receiver")) for \(median) at the median"
    }

    private static let cryingCountMin = 10
}
