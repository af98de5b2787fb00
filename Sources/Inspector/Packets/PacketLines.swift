/// Packets as lines: for a person, as NDJSON, as CSV.
public enum PacketLines {
    // Text

    /// `    12  0.012345  10.77.0.1 → 239.192.1.1  ODATA 8  trail 0 · 102 B …`
    public static func text(_ row: PacketRow, captureCount: Int = 1) -> String {
        var line = padded(number(row, .number), 7) + "  " + padded(number(row, .elapsed), 13) + "  "
        if captureCount > 1 { line += "#\(number(row, .capture)) " }
        if let source = row[.source], let destination = row[.destination] {
            let addresses = "\(plain(source)) → \(plain(destination))"
            line += addresses + String(repeating: " ", count: max(0, 29 - addresses.count)) + "  "
        }
        line += head(row)
        let details = row.cells.compactMap { detail($0.column, $0.cell) }
        if !details.isEmpty { line += "  " + details.joined(separator: " · ") }
        return line
    }

    /// What it is, and its number.
    private static func head(_ row: PacketRow) -> String {
        let type = number(row, .type)
        var head = row[.version].map(plain) ?? type.uppercased()
        if let sequence = row[.sequence] { head += " \(plain(sequence))" }
        if case .numbers(let list) = row[.nakList] {
            head += list.map { " \($0)" }.joined()
        }
        if case .texts(let records) = row[.records] {
            head += " " + records.joined(separator: ", ")
        }
        return head
    }

    /// What a person is told besides; `nil` for what stands elsewhere on the line or goes without saying.
    private static func detail(_ column: PacketColumn, _ cell: PacketCell) -> String? {
        switch column {
        case .number, .capture, .interface, .time, .elapsed, .type, .source, .destination, .version,
            .sequence, .nakList, .records, .byteCount, .encapsulation:
            nil
        case .checksum: cell == .text("valid") ? nil : "checksum \(plain(cell))"
        case .isCut: "cut by the snap length"
        case .isReassembled: "reassembled"
        case .isParity: "parity"
        case .timeToLive: "TTL \(plain(cell))"
        case .dscp: cell == .number(0) ? nil : "DSCP \(plain(cell))"
        case .payloadByteCount: "\(plain(cell)) B"
        case .options, .querySources: plain(cell).isEmpty ? nil : plain(cell)
        case .udpSourcePort: "UDP from \(plain(cell))"
        case .udpDestinationPort: "to \(plain(cell))"
        case .group: "group \(plain(cell))"
        case .gsi: "GSI \(plain(cell))"
        case .sourcePort: "source port \(plain(cell))"
        case .port: "port \(plain(cell))"
        case .path: "path \(plain(cell))"
        case .nakSource: "of \(plain(cell))"
        case .nakGroup: "to group \(plain(cell))"
        case .reason: plain(cell)
        case .backOffMicroseconds: "back-off \(plain(cell)) µs"
        case .maximumResponseMilliseconds: "within \(plain(cell)) ms"
        case .queryIntervalSeconds: "interval \(plain(cell)) s"
        case .protocolNumber: "protocol \(plain(cell))"
        case .etherType: "type \(plain(cell))"
        case .tcpSequence: "seq \(plain(cell))"
        case .tcpAcknowledgement: "ack \(plain(cell))"
        case .tcpFlags: plain(cell)
        case .tcpWindow: "window \(plain(cell))"
        case .trail, .lead, .round, .subtype, .random, .mask, .bitmap, .offset, .robustness:
            "\(column.rawValue) \(plain(cell))"
        }
    }

    private static func number(_ row: PacketRow, _ column: PacketColumn) -> String {
        row[column].map(plain) ?? ""
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    // NDJSON

    /// One object on one line; keys in the order of `PacketColumn`.
    public static func json(_ row: PacketRow) -> String {
        let members = row.cells.map { column, cell in "\"\(column.rawValue)\":\(json(cell))" }
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func json(_ cell: PacketCell) -> String {
        switch cell {
        case .number, .seconds, .flag: plain(cell)
        case .text(let text): quoted(text)
        case .numbers(let numbers):
            "[" + numbers.map { String($0) }.joined(separator: ",") + "]"
        case .texts(let texts): "[" + texts.map(quoted).joined(separator: ",") + "]"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": quoted += "\\\(scalar)"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }

    // CSV

    public static var csvHeader: String {
        PacketColumn.allCases.map(\.rawValue).joined(separator: ",")
    }

    public static func csv(_ row: PacketRow) -> String {
        PacketColumn.allCases.map { row[$0].map(csvCell) ?? "" }.joined(separator: ",")
    }

    private static func csvCell(_ cell: PacketCell) -> String {
        let text = plain(cell)
        guard text.contains(where: { "\",\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    // Values

    private static func plain(_ cell: PacketCell) -> String {
        switch cell {
        case .number(let number): String(number)
        case .flag(let flag): flag ? "true" : "false"
        case .seconds(let nanoseconds): seconds(nanoseconds)
        case .text(let text): text
        case .numbers(let numbers): numbers.map { String($0) }.joined(separator: " ")
        case .texts(let texts): texts.joined(separator: "; ")
        }
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        let fraction = String(magnitude % 1_000_000_000)
        return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1_000_000_000)."
            + String(repeating: "0", count: 9 - fraction.count) + fraction
    }
}
