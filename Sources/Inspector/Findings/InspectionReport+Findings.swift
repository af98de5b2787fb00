import PGM

extension InspectionReport {
    /// All that can be said of the captures, streams and groups, the worst first. A pure function of what was counted.
    ///
    /// A finding is made of *all* that was counted about a cause, so there is at most one of a code for each stream and receiver, and no bound is needed
    /// beyond those of the report's lists. Findings about TCP sessions come from `SessionFindings`.
    func makeFindings() -> [Finding] {
        let names = ReportNames(self)
        let relations = StreamRelations(streams: streams)
        let ofCaptures = captures.enumerated().flatMap { index, capture in
            CaptureFindings(capture: capture, index: index).findings
        }
        let ofStreams =
            streams.flatMap { streamFindings(of: $0, relations, names) }
            + ReceiverFindings(relations: relations).findings
            + RestartFindings(relations: relations).findings
        let ofGroups = groups.flatMap { group in
            MemberFindings(group: group, relations: relations, names: names).findings
        }
        let findings =
            ofCaptures + StrayFindings(report: self).findings
            + StreamFinding.merged(ofStreams, names)
            + SharedGSIFindings(streams: streams).findings
            + ofGroups
            + QuerierFindings(captures: captures, groups: groups, queriers: queriers).findings
        return findings.sorted(by: Finding.isBefore)
    }

    private func streamFindings(
        of stream: StreamReport,
        _ relations: StreamRelations,
        _ names: ReportNames
    ) -> [StreamFinding] {
        let capture = captures.indices.contains(stream.capture) ? captures[stream.capture] : nil
        let missing = MissingFindings(
            stream: stream,
            captureDropCount: capture?.dropCount ?? 0,
            relations: relations,
            names: names
        )
        let silence = SilenceFindings(
            stream: stream,
            captureEnd: capture?.lastNanoseconds ?? stream.lastNanoseconds,
            hasSuccessor: relations.successor(of: stream) != nil
        )
        return repairFindings(of: stream, relations)
            + WindowFindings(stream: stream).findings
            + missing.findings
            + SequenceFindings(stream: stream).findings
            + silence.findings
            + SourceFindings(stream: stream, relations: relations).findings
            + ScopeFindings(stream: stream, relations: relations, names: names).findings
            + TrafficFindings(stream: stream, relations: relations).findings
    }

    private func repairFindings(
        of stream: StreamReport,
        _ relations: StreamRelations
    ) -> [StreamFinding] {
        guard stream.packets.odata + stream.packets.spm > 0 else {
            return AbsentDataFindings(stream: stream).findings
        }
        guard !relations.isToldElsewhere(stream) else { return [] }
        return UnrepairedFindings(stream: stream).findings
            + RequestFindings(stream: stream).findings
            + RepairFindings(stream: stream).findings
    }
}
