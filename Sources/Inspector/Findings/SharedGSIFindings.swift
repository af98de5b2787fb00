import PGM
import Rendering

/// Global source identifiers (GSI, RFC 3208 §8) that several hosts use.
struct SharedGSIFindings {
    let streams: [StreamReport]

    var findings: [Finding] {
        var findings: [Finding] = []
        var seen: [UInt64] = []
        for stream in streams where !seen.contains(stream.session.globalSourceID) {
            seen.append(stream.session.globalSourceID)
            let sources = Set(
                streams.filter { $0.session.globalSourceID == stream.session.globalSourceID }
                    .map(\.source)
            )
            guard sources.count > 1 else { continue }
            findings.append(
                Finding(
                    .note,
                    "gsi-shared",
                    subject: "GSI \(stream.session.globalSourceIDText)",
                    text:
                        "\(Figures.list(sources.sorted().map { "\($0)" })) use the same GSI, as all libzmq "
                        + "publishers do; only their source ports tell them apart.",
                    firstNanoseconds: stream.firstNanoseconds,
                    count: sources.count
                )
            )
        }
        return findings
    }
}
