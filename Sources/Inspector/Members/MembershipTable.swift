public import Dissection

/// Members of all groups at all taps, by IGMP and MLD.
///
/// A report for a host that is a member already (the answer to a query, or IGMPv3's repetition) is counted and changes
/// nothing. Messages with a wrong checksum count for nothing: no switch or router heeds them.
public final class MembershipTable {
    private struct Key: Hashable {
        var tap: Tap
        var group: IPAddress
    }

    private var indexes: [Key: Int] = [:]
    private var activities: [GroupActivity] = []
    /// Reports for groups that found no place.
    private(set) var leftOutReportCount = 0
    private(set) var checksumErrorCount = 0
    /// General queries, by tap, in order of the first.
    public private(set) var queriers: [MembershipQuerier] = []
    private let options: StreamOptions

    public init(options: StreamOptions = StreamOptions()) {
        self.options = options
    }

    public func handle(_ message: MembershipMessage) {
        guard message.checksum != .invalid else {
            checksumErrorCount += 1
            return
        }
        let datagram = message.datagram
        let tap = Tap(capture: datagram.capture, interface: datagram.interface)
        switch message.content {
        case .query(let query): handle(query, at: tap, datagram)
        case .records(let records):
            for record in records {
                guard let isMember = record.isMember, record.group.isMulticast else { continue }
                guard let activity = activity(of: record.group, at: tap) else {
                    leftOutReportCount += 1
                    continue
                }
                if isMember {
                    activity.handleReport(from: datagram.source, at: datagram.nanoseconds)
                } else {
                    activity.handleLeave(from: datagram.source, at: datagram.nanoseconds)
                }
            }
        }
    }

    private func handle(_ query: MembershipMessage.Query, at tap: Tap, _ datagram: Datagram) {
        if let group = query.group {
            activity(of: group, at: tap)?.queryCount += 1
            return
        }
        let index = queriers.firstIndex {
            $0.capture == tap.capture && $0.interface == tap.interface
                && $0.address == datagram.source
        }
        if let index {
            queriers[index].queryCount += 1
        } else if queriers.count < Self.querierCountMax {
            queriers.append(
                MembershipQuerier(
                    capture: tap.capture,
                    interface: tap.interface,
                    address: datagram.source,
                    queryCount: 1
                )
            )
        }
    }

    /// The group at the tap, made when it is new; `nil` when there are too many.
    func activity(of group: IPAddress, at tap: Tap) -> GroupActivity? {
        let key = Key(tap: tap, group: group)
        if let index = indexes[key] { return activities[index] }
        guard activities.count < options.streamCountMax else { return nil }
        let activity = GroupActivity(
            tap: tap,
            group: group,
            memberCountMax: options.memberCountMax
        )
        indexes[key] = activities.count
        activities.append(activity)
        return activity
    }

    /// By tap and group; groups without any member or query are left out.
    public func makeReports() -> [GroupReport] {
        activities.sorted { left, right in
            left.tap != right.tap ? left.tap < right.tap : left.group < right.group
        }
        .filter { !$0.members.isEmpty || $0.queryCount > 0 }
        .map { $0.makeReport() }
    }

    private static let querierCountMax = 64
}
