import Rendering

/// A stream whose requests reach the tap although its data does not.
struct AbsentDataFindings {
    let stream: StreamReport

    /// Requests are unicast; that they are here and the data is not tells where multicast ends.
    var findings: [StreamFinding] {
        let asking = stream.receivers.filter(\.hasAsked).map { "\($0.address)" }
        guard !asking.isEmpty else { return [] }
        return [
            StreamFinding(
                .warning,
                "data-not-here",
                stream,
                "\(Figures.list(asking)) asked for repairs of this stream, but none of its data is in this "
                    + "capture: this tap does not get the group. Capture where the group is joined, or on a "
                    + "mirror port.",
                first: stream.firstRequestNanoseconds,
                count: stream.packets.nak
            )
        ]
    }
}
