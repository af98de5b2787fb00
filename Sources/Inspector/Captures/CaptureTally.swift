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
    }

    func makeReport(incompleteDatagramCount: Int) -> CaptureReport {
        CaptureReport(
            name: name,
            node: node,
            format: contents.format.name,
            interfaces: contents.interfaces.map { interface in
                CaptureReport.Interface(
                    name: interface.name,
                    linkType: interface.linkType.name,
                    snapLength: interface.snapLength,
                    packetCount: interface.packetCount,
                    dropCount: interface.drops.total
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
                    reason: reason.text,
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
