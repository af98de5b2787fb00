import Rendering

/// Who joined, and whether data came.
extension FindingMaker {
    mutating func addMemberFindings() {
        for group in report.groups {
            let streams = report.streams.filter {
                $0.capture == group.capture && $0.interface == group.interface
                    && $0.group == group.group && $0.packets.odata > 0
            }
            guard !streams.isEmpty else { continue }
            addUnserved(group, streams)
            addSlowJoins(group, streams)
            addStrangers(group, streams)
        }
        addMissingQuerier()
    }

    private mutating func add(
        _ severity: Finding.Severity,
        _ code: String,
        _ group: GroupReport,
        _ text: String,
        first: Int64? = nil,
        count: Int
    ) {
        let at = names.namesTaps ? " at " + names.tap(group.capture, group.interface) : ""
        add(
            Finding(
                severity,
                code,
                subject: "group \(group.group)\(at)",
                text: text,
                firstNanoseconds: first,
                count: count,
                capture: group.capture
            )
        )
    }

    private mutating func addUnserved(_ group: GroupReport, _ streams: [StreamReport]) {
        let sources = Set(streams.map(\.source))
        let last =
            streams.compactMap { $0.rate.packetCount > 0 ? $0.lastNanoseconds : nil }.max() ?? 0
        let unserved = group.members.filter { member in
            guard let joined = member.joinedNanoseconds, !member.hasSeenData else { return false }
            return !sources.contains(member.address) && (member.leftNanoseconds ?? last) > joined
        }
        guard !unserved.isEmpty else { return }
        add(
            .note,
            "member-without-data",
            group,
            "\(Figures.list(unserved.map { "\($0.address)" })) joined after the last data, or left before the "
                + "first: \(unserved.count == 1 ? "it" : "they") saw none here.",
            first: unserved.compactMap(\.joinedNanoseconds).min(),
            count: unserved.count
        )
    }

    private mutating func addSlowJoins(_ group: GroupReport, _ streams: [StreamReport]) {
        let slow = group.members.filter {
            $0.hasJoinedFlowing == false && ($0.joinToDataNanoseconds ?? 0) > Self.slowJoin
                && isFlowingElsewhere($0, group, streams)
        }
        guard !slow.isEmpty else { return }
        let worst = slow.compactMap(\.joinToDataNanoseconds).max() ?? 0
        add(
            .warning,
            "slow-join",
            group,
            "\(Figures.list(slow.map { "\($0.address)" })) waited up to \(Figures.duration(worst)) for the "
                + "first data after joining, while the source was sending: the switch or router was slow to "
                + "forward the group.",
            first: slow.compactMap(\.joinedNanoseconds).min(),
            count: slow.count
        )
    }

    /// Another tap saw data of the group between the join and the first data here.
    private func isFlowingElsewhere(
        _ member: GroupReport.Member,
        _ group: GroupReport,
        _ streams: [StreamReport]
    ) -> Bool {
        guard let joined = member.joinedNanoseconds else { return false }
        return streams.contains { stream in
            others(of: stream).contains { other in
                other.firstNanoseconds < joined && other.lastNanoseconds > joined
            }
        }
    }

    /// Receivers that ask for repairs and are not members by IGMP at a tap that sees others join.
    private mutating func addStrangers(_ group: GroupReport, _ streams: [StreamReport]) {
        let strangers = streams.flatMap(\.receivers).filter { $0.hasAsked && !$0.isMember }
        guard !strangers.isEmpty else { return }
        let addresses = Array(Set(strangers.map(\.address))).sorted()
        add(
            .note,
            "receiver-without-join",
            group,
            "\(Figures.list(addresses.map { "\($0)" })) asked for repairs; "
                + "\(addresses.count == 1 ? "its" : "their") join is not in this capture: joined before it "
                + "began, or behind a router or a switch that answers for its hosts.",
            count: addresses.count
        )
    }

    /// Without a querier, switches with snooping forget members after some minutes and cut them off.
    private mutating func addMissingQuerier() {
        for (index, capture) in report.captures.enumerated() {
            guard let first = capture.firstNanoseconds, let last = capture.lastNanoseconds,
                last &- first > Self.querierSilenceMin,
                report.groups.contains(where: { $0.capture == index && hasLongMember($0, last) }),
                !report.queriers.contains(where: { $0.capture == index })
            else { continue }
            add(
                Finding(
                    .warning,
                    "no-querier",
                    subject: capture.node ?? capture.name,
                    text:
                        "No IGMP or MLD query in \(Figures.duration(last &- first)): without a querier, "
                        + "switches with snooping forget who joined after about 260 s and stop forwarding. Turn "
                        + "on a querier on a switch or router, or turn snooping off.",
                    firstNanoseconds: first,
                    capture: index
                )
            )
        }
    }

    private func hasLongMember(_ group: GroupReport, _ end: Int64) -> Bool {
        group.members.contains { member in
            guard let joined = member.joinedNanoseconds else { return false }
            return (member.leftNanoseconds ?? end) &- joined > Self.querierSilenceMin
        }
    }

    private static let slowJoin: Int64 = 1_000_000_000
    /// RFC 3376 §8.4: a membership lasts 260 s without being renewed.
    private static let querierSilenceMin: Int64 = 260_000_000_000
}
