public import Inspector
import PGM
import Rendering

/// Streams as a table for spreadsheets (RFC 4180): one line each, with a line of names first.
public enum ReportCSV {
    public static func render(_ report: InspectionReport) -> String {
        let names = ReportNames(report)
        var text = columns.map(\.name).joined(separator: ",") + "\r\n"
        for stream in report.streams {
            let cells = columns.map { quoted($0.value(stream, names)) }
            text += cells.joined(separator: ",") + "\r\n"
        }
        return text
    }

    private struct Column {
        var name: String
        var value: (StreamReport, ReportNames) -> String

        init(_ name: String, _ value: @escaping (StreamReport, ReportNames) -> String) {
            self.name = name
            self.value = value
        }

        static func number(_ name: String, _ value: @escaping (StreamReport) -> Int) -> Column {
            Column(name) { stream, _ in String(value(stream)) }
        }

        static func milliseconds(
            _ name: String,
            _ value: @escaping (StreamReport) -> Int64?
        ) -> Column {
            Column(name) { stream, _ in
                value(stream).map { JSONValue.milliseconds($0).compact } ?? ""
            }
        }
    }

    private static var columns: [Column] {
        [
            Column("tap") { $1.tap($0.capture, $0.interface) },
            Column("transport") { stream, _ in stream.transport.rawValue },
            Column("source") { stream, _ in "\(stream.source)" },
            Column("group") { stream, _ in "\(stream.group)" },
            Column("gsi") { stream, _ in stream.session.globalSourceIDText },
            .number("source_port") { Int($0.session.sourcePort) },
            .number("destination_port") { Int($0.destinationPort) },
            Column("first") { stream, _ in CalendarTime(stream.firstNanoseconds).text },
            Column("last") { stream, _ in CalendarTime(stream.lastNanoseconds).text },
            .number("spm") { $0.packets.spm },
            .number("odata") { $0.packets.odata },
            .number("rdata") { $0.packets.rdata },
            .number("nak") { $0.packets.nak },
            .number("ncf") { $0.packets.ncf },
            .number("nnak") { $0.packets.nnak },
            .number("spmr") { $0.packets.spmr },
            .number("poll") { $0.packets.poll },
            .number("polr") { $0.packets.polr },
            .number("ack") { $0.packets.ack },
            Column("first_sequence") { stream, _ in stream.sequence.first.map { "\($0)" } ?? "" },
            Column("last_sequence") { stream, _ in stream.sequence.last.map { "\($0)" } ?? "" },
            .number("missing_here") { $0.sequence.missingCount },
            .number("repaired_here") { $0.sequence.repairedAtTapCount },
            .number("repaired") { $0.repairSummary.repairedCount },
            .number("unrepaired") { $0.repairSummary.unrepairedCount },
            .number("duplicates") { $0.details.duplicates.count },
            .number("reordered") { $0.details.reordered.count },
            .number("checksum_errors") { $0.details.checksumErrors.count },
            .number("receivers") { $0.receivers.count },
            .number("messages") { $0.messages.count },
            .number("message_bytes") { $0.messages.byteCount },
            Column("packets_per_second") { stream, _ in
                JSONValue.decimal(stream.rate.packetsPerSecond).compact
            },
            Column("bits_per_second") { stream, _ in
                JSONValue.decimal(stream.rate.bitsPerSecond, decimals: 0).compact
            },
            Column("peak_bits_per_second") { stream, _ in
                JSONValue.decimal(stream.rate.peakBitsPerSecond, decimals: 0).compact
            },
            .milliseconds("repair_median_ms") {
                $0.repairSummary.nakToRDATA.isEmpty
                    ? nil : $0.repairSummary.nakToRDATA.quantile(0.5)
            },
            .milliseconds("repair_max_ms") {
                $0.repairSummary.nakToRDATA.isEmpty ? nil : $0.repairSummary.nakToRDATA.maximum
            },
            .number("window_packets") { $0.window.packetCount ?? 0 },
            .milliseconds("window_hold_min_ms") { $0.window.holdNanosecondsMin },
        ]
    }

    private static func quoted(_ cell: String) -> String {
        let needsQuotes = cell.utf8.contains {
            $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D
        }
        guard needsQuotes else { return cell }
        return "\""
            + cell.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}
