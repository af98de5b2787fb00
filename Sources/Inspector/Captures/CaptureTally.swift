import Dissection

/// What is counted of one capture while its packets go by.
struct CaptureTally {
    private struct Skips {
        var count = 0
        var firstPacketNumber = 0
    }

    private let name: String
    private let node: String?
    private var packetCount = 0
    private var byteCount = 0
    private var firstNanoseconds: Int64?
    private(set) var lastNanoseconds: Int64 = .min
    private var previousNanoseconds: Int64 = .min
    private var backwardTimeCount = 0
    /// By the place of the reason in `SkipReason.allCases`.
    private var skips = [Skips](repeating: Skips(), count: SkipReason.allCases.count)
    /// What packets were wrapped in, and what was not read.
    var carried = CarriedTally()
    /// What its reader says; known at the end, or for a moment in between.
    var contents = CaptureContents()

    init(name: String, node: String?) {
        self.name = name
        self.node = node
    }

    @inline(__always)
    mutating func handle(_ packet: CapturedPacket) {
        packetCount &+= 1
        byteCount &+= packet.originalByteCount
        let now = packet.nanoseconds
        if now < previousNanoseconds { backwardTimeCount &+= 1 }
        previousNanoseconds = now
        if now > lastNanoseconds { lastNanoseconds = now }
        if now < firstNanoseconds ?? .max { firstNanoseconds = now }
    }

    mutating func handleSkip(_ reason: SkipReason, _ packet: CapturedPacket) {
        guard let index = SkipReason.allCases.firstIndex(of: reason) else { return }
        if skips[index].count == 0 { skips[index].firstPacketNumber = packet.number }
        skips[index].count += 1
        if reason == .unsupportedLinkType {
            let what = UnreadProtocol(.linkType, packet.linkType.rawValue)
            carried.handle(what, packetNumber: packet.number)
        }
    }

    func makeReport(
        _ entrance: CaptureEntrance,
        incompleteDatagramCount: Int,
        unfilledSums: UnfilledSums
    ) -> CaptureReport {
        var report = makeReport(entrance, incompleteDatagramCount)
        report.files = contents.files
        report.tunnels = carried.tunnelReports
        report.leftOutTunnelPacketCount = carried.leftOutTunnelPacketCount
        report.unread = carried.unreadReports
        report.leftOutUnreadCount = carried.leftOutUnreadCount
        report.copyCount = entrance.copyCount
        report.unfilledSums = unfilledSums
        report.excessLengthCount = contents.excessLengthCount
        return report
    }

    private func makeReport(
        _ entrance: CaptureEntrance,
        _ incompleteDatagramCount: Int
    ) -> CaptureReport {
        CaptureReport(
            name: name,
            node: node,
            format: contents.format.name,
            interfaces: contents.interfaces.enumerated().map { index, interface in
                CaptureReport.Interface(
                    name: interface.name,
                    linkType: interface.linkType.name,
                    snapLength: interface.snapLength,
                    packetCount: interface.packetCount,
                    dropCount: interface.drops.total,
                    place: entrance.place(of: index, continuing: interface.continued)
                )
            },
            packetCount: packetCount,
            byteCount: byteCount,
            firstNanoseconds: firstNanoseconds,
            lastNanoseconds: firstNanoseconds == nil ? nil : lastNanoseconds,
            skips: skipsOfFile + skipsOfPackets(incompleteDatagramCount),
            truncatedCount: contents.interfaces.reduce(0) { $0 + $1.cutPacketCount },
            backwardTimeCount: backwardTimeCount
        )
    }

    private func skipsOfPackets(_ incompleteDatagramCount: Int) -> [CaptureReport.Skip] {
        var list = zip(SkipReason.allCases, skips).compactMap { reason, skip in
            skip.count == 0
                ? nil
                : CaptureReport.Skip(
                    code: reason.rawValue,
                    reason: text(of: reason),
                    count: skip.count,
                    firstPacketNumber: skip.firstPacketNumber
                )
        }
        if incompleteDatagramCount > 0 {
            list.append(
                CaptureReport.Skip(
                    code: "incomplete-datagram",
                    reason: "IP datagrams whose fragments never all came",
                    count: incompleteDatagramCount
                )
            )
        }
        return list
    }

    /// A link type that is not read has a name, too.
    private func text(of reason: SkipReason) -> String {
        guard reason == .unsupportedLinkType else { return reason.text }
        let names = carried.unreadReports.filter { $0.what.space == .linkType }.map(\.what.name)
        return reason.text + (names.isEmpty ? "" : ": " + names.joined(separator: ", "))
    }

    /// What the reader passed over; the place of the first of each kind.
    private var skipsOfFile: [CaptureReport.Skip] {
        CaptureNotice.Reason.allCases.compactMap { reason in
            let count = contents.count(of: reason)
            guard count > 0 else { return nil }
            let first = contents.notices.first { $0.reason == reason }
            let place = first.map { notice in
                notice.byteCount == 0
                    ? " (at offset \(notice.offset))"
                    : " (\(notice.byteCount) octets at offset \(notice.offset))"
            }
            return CaptureReport.Skip(
                code: reason.rawValue,
                reason: reason.text + (place ?? ""),
                count: count
            )
        }
    }
}
