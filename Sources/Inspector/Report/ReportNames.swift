import Dissection
import PGM
import Rendering

/// How streams and taps are called in one report: as short as they can be and still be told apart.
package struct ReportNames {
    private let captures: [CaptureReport]
    /// More than one tap has streams or groups, so a stream's name says where.
    package let namesTaps: Bool

    package init(_ report: InspectionReport) {
        captures = report.captures
        let taps = Set(
            report.streams.map { Tap(capture: $0.capture, interface: $0.interface) }
                + report.groups.map { Tap(capture: $0.capture, interface: $0.interface) }
        )
        namesTaps = taps.count > 1 || report.captures.count > 1
    }

    /// `10.77.0.1/21655 → 239.192.1.1:5555`, with ` at pg2.pcap` where that is needed.
    package func name(_ stream: StreamReport) -> String {
        let name = shortName(stream)
        return namesTaps ? name + " at " + tap(stream.capture, stream.interface) : name
    }

    /// Source address and port of the session, group and port.
    package func shortName(_ stream: StreamReport) -> String {
        let group = stream.group.family == .v6 ? "[\(stream.group)]" : "\(stream.group)"
        return "\(stream.source)/\(stream.session.sourcePort) → \(group):\(stream.destinationPort)"
    }

    /// The node or file, and the interface if the capture has several.
    package func tap(_ capture: Int, _ interface: Int) -> String {
        guard captures.indices.contains(capture) else { return "capture \(capture + 1)" }
        let report = captures[capture]
        let name = report.node ?? Self.fileName(report.name)
        let places = Set(report.interfaces.indices.map { report.place(of: $0) })
        guard places.count > 1 else { return name }
        let labels = report.interfaces.indices.filter { report.place(of: $0) == interface }
            .map { report.interfaces[$0].name ?? "interface \($0)" }
        let text =
            labels.isEmpty ? "interface \(interface)" : Figures.list(unique(labels), limit: 3)
        return captures.count > 1 ? "\(name), \(text)" : text
    }

    private func unique(_ labels: [String]) -> [String] {
        var known: [String] = []
        for label in labels where !known.contains(label) { known.append(label) }
        return known
    }

    private static func fileName(_ path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}
