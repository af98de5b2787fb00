import Rendering

/// Who joined a group, and whether data came.
struct MemberFindings {
    let group: GroupReport
    let relations: StreamRelations
    let names: ReportNames

    var findings: [Finding] {
        let streams = relations.streams.filter {
            $0.capture == group.capture && $0.interface == group.interface
                && $0.group == group.group && $0.packets.odata > 0
        }
        guard !streams.isEmpty else { return [] }
        return [unserved(streams), slowJoins(streams), strangers(streams)].compactMap(\.self)
    }

    private func finding(
        _ severity: Finding.Severity,
        _ code: String,
        _ text: String,
        first: Int64? = nil,
        count: Int
    ) -> Finding {
        let at = names.namesTaps ? " at " + names.tap(group.capture, group.interface) : ""
        return Finding(
            severity,
            code,
            subject: "group \(group.group)\(at)",
            text: text,
            firstNanoseconds: first,
            count: count,
            capture: group.capture
        )
    }

    private func unserved(_ streams: [StreamReport]) -> Finding? {
        let sources = Set(streams.map(\.source))
        let last =
            streams.compactMap { $0.rate.packetCount > 0 ? $0.lastNanoseconds : nil }.max() ?? 0
        let unserved = group.members.filter { member in
            guard let joined = member.joinedNanoseconds, !member.hasSeenData else { return false }
            return !sources.contains(member.address) && (member.leftNanoseconds ?? last) > joined
        }
        guard !unserved.isEmpty else { return nil }
        return finding(
            .note,
            "member-without-data",
            "\(Figures.list(unserved.map { "\($0.address)" })) joined after the last data, or left before the "
                + "first: \(unserved.count == 1 ? "it" : "they") saw none here.",
            first: unserved.compactMap(\.joinedNanoseconds).min(),
            count: unserved.count
        )
    }

    private func slowJoins(_ streams: [StreamReport]) -> Finding? {
        let slow = group.members.filter {
            $0.hasJoinedFlowing == false && ($0.joinToDataNanoseconds ?? 0) > Self.slowJoin
                && isFlowingElsewhere($0, streams)
        }
        guard !slow.isEmpty else { return nil }
        let worst = slow.compactMap(\.joinToDataNanoseconds).max() ?? 0
        return finding(
            .warning,
            "slow-join",
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
        _ streams: [StreamReport]
    ) -> Bool {
        guard let joined = member.joinedNanoseconds else { return false }
        return streams.contains { stream in
            relations.others(of: stream).contains { other in
                other.firstNanoseconds < joined && other.lastNanoseconds > joined
            }
        }
    }

    /// Receivers that ask for repairs and are not members by IGMP at a tap that sees others join.
    private func strangers(_ streams: [StreamReport]) -> Finding? {
        let strangers = streams.flatMap(\.receivers).filter { $0.hasAsked && !$0.isMember }
        guard !strangers.isEmpty else { return nil }
        let addresses = Array(Set(strangers.map(\.address))).sorted()
        return finding(
            .note,
            "receiver-without-join",
            "\(Figures.list(addresses.map { "\($0)" })) asked for repairs; "
                + "\(addresses.count == 1 ? "its" : "their") join is not in this capture: joined before it "
                + "began, or behind a router or a switch that answers for its hosts.",
            count: addresses.count
        )
    }

    private static let slowJoin: Int64 = 1_000_000_000
}
