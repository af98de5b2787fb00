import Rendering

/// Captures with members and without a querier: switches with snooping forget members after some minutes and cut them off.
struct QuerierFindings {
    let captures: [CaptureReport]
    let groups: [GroupReport]
    let queriers: [MembershipQuerier]

    var findings: [Finding] {
        captures.enumerated().compactMap { index, capture in
            guard let first = capture.firstNanoseconds, let last = capture.lastNanoseconds,
                last &- first > Self.querierSilenceMin,
                groups.contains(where: { $0.capture == index && Self.hasLongMember($0, last) }),
                !queriers.contains(where: { $0.capture == index })
            else { return nil }
            return Finding(
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
        }
    }

    private static func hasLongMember(_ group: GroupReport, _ end: Int64) -> Bool {
        group.members.contains { member in
            guard let joined = member.joinedNanoseconds else { return false }
            return (member.leftNanoseconds ?? end) &- joined > querierSilenceMin
        }
    }

    /// RFC 3376 §8.4: a membership lasts 260 s without being renewed.
    private static let querierSilenceMin: Int64 = 260_000_000_000
}
