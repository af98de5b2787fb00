import PGM
import Rendering

/// The source itself: whether it is heard, whether it came back, whether its packets are whole.
extension FindingMaker {
    mutating func addSourceFindings(_ stream: StreamReport) {
        addSilence(stream)
        addChecksums(stream)
        addPaths(stream)
        addSessionCollision(stream)
    }

    private mutating func addSilence(_ stream: StreamReport) {
        let heard = stream.announcements
        if heard.silenceAfterDataNanosecondsMax > Self.heartbeatMax {
            add(
                .warning,
                "heartbeat-silence",
                stream,
                "After data the source said nothing for "
                    + "\(Figures.duration(heard.silenceAfterDataNanosecondsMax)): who lost the last packet "
                    + "before that could not know. A source should send SPM heartbeats within a second or two "
                    + "(RFC 3208, 5.1.5); look at its load and at drops of small packets.",
                first: heard.silenceAfterDataBegin,
                last: heard.silenceAfterDataBegin &+ heard.silenceAfterDataNanosecondsMax
            )
        }
        let isLongest = heard.silenceNanosecondsMax > heard.silenceAfterDataNanosecondsMax
        if heard.silenceNanosecondsMax > Self.ambientMax, isLongest {
            add(
                .warning,
                "source-silent",
                stream,
                "The source said nothing for \(Figures.duration(heard.silenceNanosecondsMax)), not even an SPM, "
                    + "which is due every 30 s. It stood still or its path was cut.",
                first: heard.silenceBegin,
                last: heard.silenceBegin &+ heard.silenceNanosecondsMax
            )
        }
        guard !heard.hasFinished, successor(of: stream) == nil else { return }
        let limit = heard.endsAfterData ? Self.heartbeatMax : Self.ambientMax
        guard heard.finalSilenceNanoseconds > limit else { return }
        add(
            .warning,
            "source-vanished",
            stream,
            "The source was not heard for the last "
                + "\(Figures.duration(heard.finalSilenceNanoseconds)) of the capture and never said good-bye "
                + "(OPT_FIN): it was killed, hangs, or is cut off.",
            first: end(of: stream) &- heard.finalSilenceNanoseconds,
            last: end(of: stream)
        )
    }

    private mutating func addChecksums(_ stream: StreamReport) {
        let details = stream.details
        if details.checksumErrors.count > 0 {
            add(
                .warning,
                "checksum-errors",
                stream,
                "\(Figures.count(details.checksumErrors.count, "packet")) had a wrong PGM checksum: receivers drop "
                    + "them and ask again. Something on the way, or the source's memory or network card, damages "
                    + "data; it is not checksum offload, which PGM has none of.",
                details.checksumErrors
            )
        }
        if details.checksumAbsent.count > 0 {
            add(
                .problem,
                "checksum-absent",
                stream,
                "\(Figures.count(details.checksumAbsent.count, "data packet")) had no checksum: receivers must "
                    + "refuse such data (RFC 3208, 8).",
                details.checksumAbsent
            )
        }
    }

    private mutating func addPaths(_ stream: StreamReport) {
        if let path = stream.announcements.otherPathAddress {
            add(
                .note,
                "path-elsewhere",
                stream,
                "The source's SPMs send NAKs to \(path), not to \(stream.source): a router or repairer that "
                    + "speaks PGM, or a publisher bound to another address. NAKs must be able to reach it."
            )
        }
        if !stream.repairers.isEmpty {
            add(
                .note,
                "repairer",
                stream,
                "Repairs or confirmations also came from \(Figures.list(stream.repairers.map { "\($0)" })).",
                count: stream.repairers.count
            )
        }
    }

    /// Receivers know a session by GSI and port alone.
    private mutating func addSessionCollision(_ stream: StreamReport) {
        let twins = report.streams.filter { other in
            other.capture == stream.capture && other.interface == stream.interface
                && other.session == stream.session && other.group == stream.group
                && other.destinationPort == stream.destinationPort && other.source != stream.source
                && other.packets.odata > 0 && stream.packets.odata > 0
        }
        guard let twin = twins.first, stream.source < twin.source else { return }
        add(
            .problem,
            "session-collision",
            stream,
            "\(stream.source) and \(twin.source) send to one group under the same session "
                + "\(stream.session): receivers take them for one source and mix their data. Restart one of "
                + "them, so that it draws another source port.",
            count: 1 + twins.count
        )
    }

    /// The stream that the same host began at the same tap, group and port after this one had ended.
    func successor(of stream: StreamReport) -> StreamReport? {
        report.streams.filter { other in
            other.capture == stream.capture && other.interface == stream.interface
                && other.source == stream.source && other.group == stream.group
                && other.destinationPort == stream.destinationPort
                && other.transport == stream.transport && other.session != stream.session
                && other.firstNanoseconds > stream.lastSourceNanoseconds
        }.min { $0.firstNanoseconds < $1.firstNanoseconds }
    }

    /// Restarts, and GSIs that several sources share.
    mutating func addSessionFindings() {
        for stream in report.streams {
            guard let next = successor(of: stream) else { continue }
            // Only the last of those that ended before the next began was followed by it.
            let isDirect = !report.streams.contains { other in
                other.session != stream.session && successor(of: other)?.session == next.session
                    && other.capture == stream.capture && other.interface == stream.interface
                    && other.source == stream.source && other.group == stream.group
                    && other.lastSourceNanoseconds > stream.lastSourceNanoseconds
            }
            guard isDirect else { continue }
            addRestart(stream, next)
        }
        addSharedGSI()
    }

    private mutating func addRestart(_ stream: StreamReport, _ next: StreamReport) {
        let pause = next.firstNanoseconds &- stream.lastSourceNanoseconds
        let isClean = stream.announcements.hasFinished
        let old = "session \(stream.session)"
        add(
            isClean ? .note : .warning,
            "source-restart",
            next,
            isClean
                ? "The source ended \(old) properly and began this one \(Figures.duration(pause)) later."
                : "The source ended \(old) without good-bye (killed, or crashed) and came back as "
                    + "\(next.session) \(Figures.duration(pause)) later. Receivers treat it as a new stream: "
                    + "what they lacked of the old one is lost, and numbers begin anew at "
                    + "\(next.sequence.first.map { "\($0)" } ?? "the first").",
            first: next.firstNanoseconds
        )
    }

    private mutating func addSharedGSI() {
        var seen: [UInt64] = []
        for stream in report.streams where !seen.contains(stream.session.globalSourceID) {
            seen.append(stream.session.globalSourceID)
            let sources = Set(
                report.streams.filter { $0.session.globalSourceID == stream.session.globalSourceID }
                    .map(\.source)
            )
            guard sources.count > 1 else { continue }
            add(
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
    }

    /// OpenPGM's heartbeats come 0.1 s, four times, then 1.3 s after data.
    private static let heartbeatMax: Int64 = 5_000_000_000
    /// An SPM is due every 30 s.
    private static let ambientMax: Int64 = 35_000_000_000
}
