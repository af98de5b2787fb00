/// Everything an inspection found, as values: what text, JSON, CSV and HTML are made from.
///
/// Lists are in a stable order and bounded; where something was left out, a count beside the list says how much.
public struct InspectionReport: Sendable {
    public var captures: [CaptureReport]
    /// By capture, interface and time of the first packet.
    public var streams: [StreamReport]
    /// Streams that came after `StreamOptions.streamCountMax` others, and were only counted.
    public var leftOutStreamPacketCount: Int
    /// Packets with a wrong PGM checksum that belong to no known stream.
    public var strangeChecksumErrorCount = 0
    /// Packets from receivers to sessions whose source this tap does not see.
    public var strangeUpstreamCount = 0
    /// IGMP and MLD messages with a wrong checksum, which nobody heeds.
    public var membershipChecksumErrorCount = 0
    public var groups: [GroupReport]
    /// Who asks for members, by IGMP or MLD.
    public var queriers: [MembershipQuerier]
    /// TCP connections, in order of appearance.
    public var sessions: [SessionReport]
    /// RADIO/DISH flows, in order of appearance.
    public var radio: [RadioReport]
    /// How many packets the filter chose; `nil` without one.
    public var chosenPacketCount: Int?
    /// The worst first.
    public var findings: [Finding]
    /// `nil` when none was asked for.
    public var verdict: Verdict?

    public init(
        captures: [CaptureReport] = [],
        streams: [StreamReport] = [],
        leftOutStreamPacketCount: Int = 0,
        groups: [GroupReport] = [],
        queriers: [MembershipQuerier] = [],
        sessions: [SessionReport] = [],
        radio: [RadioReport] = [],
        findings: [Finding] = [],
        verdict: Verdict? = nil
    ) {
        self.captures = captures
        self.streams = streams
        self.leftOutStreamPacketCount = leftOutStreamPacketCount
        self.groups = groups
        self.queriers = queriers
        self.sessions = sessions
        self.radio = radio
        self.findings = findings
        self.verdict = verdict
    }

    /// From the first packet of any capture to the last; `nil` without packets.
    public var span: ClosedRange<Int64>? {
        let firsts = captures.compactMap(\.firstNanoseconds)
        let lasts = captures.compactMap(\.lastNanoseconds)
        guard let first = firsts.min(), let last = lasts.max(), first <= last else { return nil }
        return first...last
    }
}

extension InspectionReport {
    /// Takes streams, groups and their counts as they are now; the captures must be there already.
    mutating func take(_ streams: borrowing StreamTable, _ memberships: MembershipTable) {
        self.streams = streams.makeReports(ends: captures.map { $0.lastNanoseconds ?? .min })
        leftOutStreamPacketCount = streams.leftOutPacketCount
        strangeChecksumErrorCount = streams.strangeChecksumErrorCount
        strangeUpstreamCount = streams.strangeUpstreamCount
        membershipChecksumErrorCount = memberships.checksumErrorCount
        groups = memberships.makeReports()
        queriers = memberships.queriers
    }
}
