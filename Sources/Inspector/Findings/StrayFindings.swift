import Rendering

/// Packets, in any capture, that belong to nothing the report follows.
struct StrayFindings {
    let report: InspectionReport

    var findings: [Finding] {
        [strangeChecksums, strangeRequests, membershipChecksums, leftOutStreams].compactMap(\.self)
    }

    private var strangeChecksums: Finding? {
        guard report.strangeChecksumErrorCount > 0 else { return nil }
        return Finding(
            .note,
            "strange-checksums",
            subject: Self.all,
            text:
                "\(Figures.count(report.strangeChecksumErrorCount, "packet")) that look like PGM have a "
                + "wrong checksum and belong to no known stream: damaged, or no PGM at all.",
            count: report.strangeChecksumErrorCount
        )
    }

    private var strangeRequests: Finding? {
        guard report.strangeUpstreamCount > 0 else { return nil }
        return Finding(
            .note,
            "strange-requests",
            subject: Self.all,
            text:
                "\(Figures.count(report.strangeUpstreamCount, "packet")) (SPMR, POLR, NNAK or ACK) go to "
                + "sessions of which nothing else is here.",
            count: report.strangeUpstreamCount
        )
    }

    private var membershipChecksums: Finding? {
        let count = report.membershipChecksumErrorCount
        guard count > 0 else { return nil }
        return Finding(
            .warning,
            "membership-checksums",
            subject: Self.all,
            text:
                "\(Figures.count(count, "IGMP or MLD message")) with a wrong checksum: switches and "
                + "routers ignore them, so the joins in them do nothing.",
            count: count
        )
    }

    private var leftOutStreams: Finding? {
        guard report.leftOutStreamPacketCount > 0 else { return nil }
        return Finding(
            .warning,
            "streams-left-out",
            subject: Self.all,
            text:
                "\(Figures.count(report.leftOutStreamPacketCount, "packet")) belong to streams beyond "
                + "the number that is followed; they were not analysed. So many sessions are a scan, a "
                + "flood or a restart loop.",
            count: report.leftOutStreamPacketCount
        )
    }

    private static let all = "all captures"
}
