import Dissection
import Inspector
import Rendering

/// What was read: a line for each capture, and what its packets were wrapped in.
enum CaptureText {
    static func lines(_ report: InspectionReport, width: Int, headWidth: Int) -> [String] {
        guard !report.captures.isEmpty else { return [] }
        var lines = [report.captures.count == 1 ? "CAPTURE" : "CAPTURES"]
        for capture in report.captures {
            let head = line(capture)
            if head.count <= headWidth {
                lines.append(head)
            } else {
                let folded = wrapped(head, width: headWidth, indentation: "  ")
                lines += folded.prefix(1).map { String($0.dropFirst(2)) } + folded.dropFirst()
            }
            for detail in details(capture) {
                lines += wrapped(detail, width: width, indentation: "         ")
            }
        }
        return lines
    }

    private static func line(_ capture: CaptureReport) -> String {
        let node = capture.node.map { "\($0): " } ?? ""
        var parts = [node + capture.name]
        if capture.files.count > 1 {
            parts.append("the first of \(Figures.count(capture.files.count, "file"))")
        }
        if !capture.format.isEmpty { parts.append(capture.format) }
        let linkTypes = Set(capture.interfaces.map(\.linkType)).sorted()
        if linkTypes != ["Ethernet"], !linkTypes.isEmpty {
            parts.append(Figures.list(linkTypes))
        }
        if capture.interfaces.count > 1 { parts.append(interfaces(capture)) }
        parts.append(Figures.count(capture.packetCount, "packet"))
        parts.append(Figures.byteCount(capture.byteCount))
        if let first = capture.firstNanoseconds, let last = capture.lastNanoseconds {
            let time = CalendarTime(first)
            parts.append("\(time.dateText) \(time.timeText()) UTC")
            parts.append(Figures.duration(max(0, last &- first)))
        }
        if let drops = capture.dropCount {
            parts.append(drops == 0 ? "none dropped" : "\(Figures.count(drops)) dropped")
        }
        return parts.joined(separator: ", ")
    }

    private static func interfaces(_ capture: CaptureReport) -> String {
        let places = Set(capture.interfaces.indices.map { capture.place(of: $0) })
        let text = Figures.count(capture.interfaces.count, "interface")
        if places.count == capture.interfaces.count { return text }
        return "\(text) at \(places.count == 1 ? "one place" : "\(places.count) places")"
    }

    private static func details(_ capture: CaptureReport) -> [String] {
        var details: [String] = []
        if capture.files.count > 1 {
            let names = capture.files.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
            details.append(
                "one capture in files that follow each other: \(Figures.list(names, limit: 3))"
                    + (names.count > 3 ? " (the last: \(names[names.count - 1]))" : "")
            )
        }
        for tunnel in capture.tunnels.prefix(tunnelCountMax) {
            details.append(
                "in \(tunnel.layers.pathText): \(Figures.count(tunnel.packetCount, "packet"))"
            )
        }
        if capture.tunnels.count > tunnelCountMax {
            let rest = capture.tunnels.dropFirst(tunnelCountMax).reduce(0) { $0 + $1.packetCount }
            details.append(
                "in \(Figures.count(capture.tunnels.count - tunnelCountMax, "more path")): "
                    + Figures.count(rest, "packet")
            )
        }
        if !capture.unread.isEmpty {
            let names = capture.unread.map { "\(Figures.count($0.count)) \($0.what.name)" }
            details.append("not read any further: " + Figures.list(names, limit: unreadCountMax))
        }
        return details
    }

    private static let tunnelCountMax = 8
    private static let unreadCountMax = 10
}
