import PGM
import Rendering

/// The source itself: whether its packets are whole, where it wants requests, and whether its session is its own.
struct SourceFindings {
    let stream: StreamReport
    let relations: StreamRelations

    var findings: [StreamFinding] {
        [wrongChecksums, absentChecksums, otherPath, repairers, sessionCollision].compactMap(\.self)
    }

    private var wrongChecksums: StreamFinding? {
        let details = stream.details
        guard details.checksumErrors.count > 0 else { return nil }
        return StreamFinding(
            .warning,
            "checksum-errors",
            stream,
            "\(Figures.count(details.checksumErrors.count, "packet")) had a wrong PGM checksum: receivers drop "
                + "them and ask again. Something on the way, or the source's memory or network card, damages "
                + "data; it is not checksum offload, which PGM has none of.",
            details.checksumErrors
        )
    }

    private var absentChecksums: StreamFinding? {
        let details = stream.details
        guard details.checksumAbsent.count > 0 else { return nil }
        return StreamFinding(
            .problem,
            "checksum-absent",
            stream,
            "\(Figures.count(details.checksumAbsent.count, "data packet")) had no checksum: receivers must "
                + "refuse such data (RFC 3208, 8).",
            details.checksumAbsent
        )
    }

    private var otherPath: StreamFinding? {
        guard let path = stream.announcements.otherPathAddress else { return nil }
        return StreamFinding(
            .note,
            "path-elsewhere",
            stream,
            "The source's SPMs send NAKs to \(path), not to \(stream.source): a router or repairer that "
                + "speaks PGM, or a publisher bound to another address. NAKs must be able to reach it."
        )
    }

    private var repairers: StreamFinding? {
        guard !stream.repairers.isEmpty else { return nil }
        return StreamFinding(
            .note,
            "repairer",
            stream,
            "Repairs or confirmations also came from \(Figures.list(stream.repairers.map { "\($0)" })).",
            count: stream.repairers.count
        )
    }

    /// Receivers know a session by GSI and port alone.
    private var sessionCollision: StreamFinding? {
        let twins = relations.streams.filter { other in
            other.capture == stream.capture && other.interface == stream.interface
                && other.session == stream.session && other.group == stream.group
                && other.destinationPort == stream.destinationPort && other.source != stream.source
                && other.packets.odata > 0 && stream.packets.odata > 0
        }
        guard let twin = twins.first, stream.source < twin.source else { return nil }
        return StreamFinding(
            .problem,
            "session-collision",
            stream,
            "\(stream.source) and \(twin.source) send to one group under the same session "
                + "\(stream.session): receivers take them for one source and mix their data. Restart one of "
                + "them, so that it draws another source port.",
            count: 1 + twins.count
        )
    }
}
