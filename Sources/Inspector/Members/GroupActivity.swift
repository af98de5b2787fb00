import Dissection

/// One multicast group at one tap: who is a member, and when data for it was seen.
///
///     join (IGMP, MLD) ──▶ waiting ── first data ──▶ served          the time between is what the join took
///                             └────── leave ───────▶ left
final class GroupActivity {
    let tap: Tap
    let group: IPAddress
    private(set) var members: [GroupReport.Member] = []
    private(set) var leftOutMemberCount = 0
    var queryCount = 0
    private(set) var lastDataNanoseconds: Int64?

    private var indexes: [IPAddress: Int] = [:]
    /// Members, by index, that joined and have not seen data since.
    private var waiting: [Int] = []
    private let memberCountMax: Int

    init(tap: Tap, group: IPAddress, memberCountMax: Int) {
        self.tap = tap
        self.group = group
        self.memberCountMax = memberCountMax
    }

    func handleReport(from address: IPAddress, at nanoseconds: Int64) {
        guard let index = index(of: address) else { return }
        members[index].reportCount += 1
        guard !members[index].isJoined else { return }
        members[index].isJoined = true
        members[index].joinCount += 1
        members[index].joinedNanoseconds = nanoseconds
        members[index].leftNanoseconds = nil
        members[index].joinToDataNanoseconds = nil
        members[index].hasSeenData = false
        members[index].hasJoinedFlowing =
            lastDataNanoseconds.map { nanoseconds &- $0 < Self.flowingNanosecondsMax } ?? false
        waiting.append(index)
    }

    func handleLeave(from address: IPAddress, at nanoseconds: Int64) {
        guard let index = index(of: address) else { return }
        members[index].leaveCount += 1
        guard members[index].isJoined || members[index].leftNanoseconds == nil else { return }
        members[index].isJoined = false
        members[index].leftNanoseconds = nanoseconds
        waiting.removeAll { $0 == index }
    }

    /// ODATA for the group.
    @inline(__always)
    func handleData(at nanoseconds: Int64) {
        lastDataNanoseconds = nanoseconds
        if !waiting.isEmpty { serve(at: nanoseconds) }
    }

    private func serve(at nanoseconds: Int64) {
        for index in waiting {
            members[index].hasSeenData = true
            if let joined = members[index].joinedNanoseconds {
                members[index].joinToDataNanoseconds = max(0, nanoseconds &- joined)
            }
        }
        waiting = []
    }

    private func index(of address: IPAddress) -> Int? {
        if let index = indexes[address] { return index }
        guard members.count < memberCountMax else {
            leftOutMemberCount += 1
            return nil
        }
        members.append(GroupReport.Member(address: address))
        indexes[address] = members.count - 1
        return members.count - 1
    }

    func makeReport() -> GroupReport {
        GroupReport(
            capture: tap.capture,
            interface: tap.interface,
            group: group,
            members: members.sorted { $0.address < $1.address },
            leftOutMemberCount: leftOutMemberCount,
            queryCount: queryCount
        )
    }

    /// Data this recent means that the group was flowing when somebody joined.
    private static let flowingNanosecondsMax: Int64 = 1_000_000_000
}
