import Inspector

/// Sums over streams, in which one that several taps saw counts once: as the tap saw it that saw most.
struct StreamSums {
    private(set) var streamCount = 0
    private(set) var tapCount = 0
    private(set) var dataCount = 0
    private(set) var messageCount = 0
    private(set) var repairedCount = 0
    private(set) var unrepairedCount = 0
    private(set) var openCount = 0
    private(set) var missingCount = 0
    private(set) var isAsked = false

    init(_ report: InspectionReport) {
        var indexes: [StreamKey: Int] = [:]
        var groups: [[StreamReport]] = []
        var taps: Set<Tap> = []
        for stream in report.streams {
            taps.insert(Tap(capture: stream.capture, interface: stream.interface))
            let key = StreamKey(
                tap: Tap(capture: 0, interface: 0),
                source: stream.source,
                session: stream.session,
                group: stream.group,
                dataPort: stream.destinationPort,
                isUDP: stream.transport == .epgm
            )
            if let index = indexes[key] {
                groups[index].append(stream)
            } else {
                indexes[key] = groups.count
                groups.append([stream])
            }
        }
        streamCount = groups.count
        tapCount = taps.count
        for group in groups {
            func most(_ value: (StreamReport) -> Int) -> Int { group.map(value).max() ?? 0 }
            dataCount += most { $0.packets.odata }
            messageCount += most { $0.messages.count }
            repairedCount += most { $0.repairSummary.repairedCount }
            unrepairedCount += most { $0.repairSummary.unrepairedCount }
            openCount += most { $0.repairSummary.openCount }
            missingCount += group.reduce(0) { $0 + $1.sequence.missingCount }
            if group.contains(where: { $0.packets.nak + $0.packets.ncf > 0 }) { isAsked = true }
        }
    }
}
