import Rendering

/// Packets that were asked for and never repaired.
struct UnrepairedFindings {
    let stream: StreamReport

    var findings: [StreamFinding] {
        let losses = stream.losses.filter { $0.kind != .missing }
        let ofReceivers = stream.receivers.filter { $0.unrepairedCount > 0 }.map { receiver in
            finding(of: receiver, losses.filter { $0.receivers.contains(receiver.address) })
        }
        return ofReceivers
            + [finding(ofAnonymous: losses.filter(\.receivers.isEmpty))].compactMap(\.self)
    }

    private func finding(
        of receiver: StreamReport.Receiver,
        _ own: [StreamReport.Loss]
    ) -> StreamFinding {
        let which = own.isEmpty ? "" : " (\(StreamReport.Loss.text(of: own)))"
        let late = own.filter { $0.kind == .tooLate }.reduce(0) { $0 + $1.count }
        return StreamFinding(
            .problem,
            "loss-unrepaired",
            stream,
            "\(receiver.address) lost \(Figures.count(receiver.unrepairedCount, "packet"))\(which) "
                + "for good: it asked, and no repair followed. "
                + reason(late: late, of: receiver.unrepairedCount),
            first: own.map(\.nanoseconds).min() ?? receiver.firstNanoseconds,
            last: own.map(\.nanoseconds).max(),
            count: receiver.unrepairedCount,
            receiver: receiver.address
        )
    }

    /// A tap that sees the source's confirmations, but not the receivers' unicast.
    private func finding(ofAnonymous anonymous: [StreamReport.Loss]) -> StreamFinding? {
        let count = anonymous.reduce(0) { $0 + $1.count }
        guard count > 0 else { return nil }
        return StreamFinding(
            .problem,
            "loss-unrepaired",
            stream,
            "The source confirmed requests for \(Figures.count(count, "packet")) "
                + "(\(StreamReport.Loss.text(of: anonymous))) and never repaired them. Who asked "
                + "is not in this capture, because requests are unicast; capture at the source to see it.",
            first: anonymous.map(\.nanoseconds).min(),
            last: anonymous.map(\.nanoseconds).max(),
            count: count
        )
    }

    private func reason(late: Int, of count: Int) -> String {
        if late >= count {
            return "The source no longer had \(count == 1 ? "it" : "them") in its window; see "
                + "window-too-small."
        }
        if late > 0 {
            return "The source no longer had \(Figures.count(late)) of them in its window."
        }
        return stream.packets.ncf == 0
            ? "The source did not even confirm; see nak-unanswered."
            : "Its window still held \(count == 1 ? "it" : "them"): the source was overloaded, limited its "
                + "rate, or ended."
    }
}
