import Inspector
import Rendering

/// The receivers of each group at each tap, over all its streams: who lost most comes first.
enum ReceiverText {
    /// How many are shown of a group; the rest is counted.
    private static let countMax = 20
    private static let tableCountMax = 20

    static func lines(
        _ report: InspectionReport,
        _ names: ReportNames,
        width: Int = .max
    ) -> [String] {
        var lines: [String] = []
        var titles: [String] = []
        var tables: [[StreamReport]] = []
        for stream in report.streams where !stream.receivers.isEmpty {
            let at = names.namesTaps ? " at " + names.tap(stream.capture, stream.interface) : ""
            let title = "RECEIVERS of \(stream.group)\(at)"
            if let index = titles.firstIndex(of: title) {
                tables[index].append(stream)
            } else {
                titles.append(title)
                tables.append([stream])
            }
        }
        for (title, streams) in zip(titles, tables).prefix(tableCountMax) {
            if !lines.isEmpty { lines.append("") }
            lines.append(title)
            lines += table(of: StreamReport.Receiver.merged(streams), width)
        }
        return lines
    }

    private static func table(of receivers: [StreamReport.Receiver], _ width: Int) -> [String] {
        var table = TextColumns([
            .text("receiver"), .text("joined", worth: 3), .text("left", worth: 2),
            .number("first data after", worth: 1), .number("requests", worth: 6),
            .number("packets", worth: 7), .number("repaired", worth: 8), .number("lost"),
            .number("repair time", worth: 5), .number("worst", worth: 4),
        ])
        for receiver in receivers.prefix(countMax) {
            let latency = receiver.repairLatency
            table.add([
                "\(receiver.address)",
                receiver.joinedNanoseconds.map { CalendarTime($0).timeText() }
                    ?? (receiver.isMember ? "before" : TextColumns.nothing),
                receiver.leftNanoseconds.map { CalendarTime($0).timeText() } ?? TextColumns.nothing,
                receiver.joinToDataNanoseconds.map(Figures.duration) ?? TextColumns.nothing,
                Figures.count(receiver.nakCount),
                Figures.count(receiver.lostCount),
                Figures.count(receiver.repairedCount),
                Figures.count(receiver.unrepairedCount),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.quantile(0.5)),
                latency.isEmpty ? TextColumns.nothing : Figures.duration(latency.maximum),
            ])
        }
        let lines = table.lines(width: width)
        guard receivers.count > countMax else { return lines }
        return lines + ["and \(Figures.count(receivers.count - countMax)) more"]
    }
}
