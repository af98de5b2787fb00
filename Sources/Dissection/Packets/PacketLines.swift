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
        let details = detailColumns.compactMap { detail($0, row) }
        if !details.isEmpty { line += "  " + details.joined(separator: " · ") }
        return line
    }

    /// What it is, and its number.
    private static func head(_ row: PacketRow) -> String {
        let type = number(row, .type)
        var head = row[.version].map(plain) ?? type.uppercased()
        if row[.maximumResponseMilliseconds] != nil { head += " query" }
        if let sequence = row[.sequence] { head += " \(plain(sequence))" }
        if case .numbers(let list) = row[.nakList] {
            head += list.map { " \($0)" }.joined()
        }
        if case .texts(let records) = row[.records] {
            head += " " + records.joined(separator: ", ")
        }
        return head
    }

    /// What a person is told besides, in this order.
    private static let detailColumns: [PacketColumn] = [
        .checksum, .isParity, .trail, .lead, .path, .nakSource, .nakGroup, .round, .subtype,
        .backOffMicroseconds, .random, .mask, .bitmap, .group, .maximumResponseMilliseconds,
        .querySources, .robustness, .queryIntervalSeconds, .tcpFlags, .tcpSequence,
        .tcpAcknowledgement, .tcpWindow, .payloadByteCount, .offset, .options, .gsi, .port,
        .udpDestinationPort, .timeToLive, .dscp, .isReassembled, .isCut, .unread, .reason, .outer,
    ]

    /// `nil` for what goes without saying.
    private static func detail(_ column: PacketColumn, _ row: PacketRow) -> String? {
        guard let cell = row[column] else { return nil }
        let text = plain(cell)
        switch column {
        case .checksum: return cell == .text("valid") ? nil : "checksum \(text)"
        case .isCut: return "cut by the snap length"
        case .isReassembled: return "reassembled"
        case .isParity: return "parity"
        case .timeToLive: return "TTL \(text)"
        case .dscp: return cell == .number(0) ? nil : "DSCP \(text)"
        case .payloadByteCount: return "\(text) B"
        case .options: return options(cell)
        case .querySources: return text.isEmpty ? nil : "sources \(text)"
        case .gsi: return "session \(text).\(number(row, .sourcePort))"
        case .port:
            return row[.gsi] == nil ? "\(number(row, .sourcePort)) → \(text)" : "port \(text)"
        case .udpDestinationPort: return "UDP \(number(row, .udpSourcePort)) → \(text)"
        case .nakSource: return "of \(text)"
        case .nakGroup: return "to \(text)"
        case .backOffMicroseconds: return "back-off \(text) µs"
        case .maximumResponseMilliseconds: return "within \(text) ms"
        case .queryIntervalSeconds: return "interval \(text) s"
        case .tcpSequence: return "seq \(text)"
        case .tcpAcknowledgement: return "ack \(text)"
        case .tcpWindow: return "window \(text)"
        case .outer: return "in \(text)"
        case .unread, .reason, .tcpFlags: return text
        default: return "\(column.rawValue) \(text)"
        }
    }

    /// The numbers of a list stand at the line's head already.
    private static func options(_ cell: PacketCell) -> String? {
        guard case .texts(let options) = cell else { return nil }
        let rest = options.filter { !$0.hasPrefix("OPT_NAK_LIST") }
        return rest.isEmpty ? nil : rest.joined(separator: ", ")
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
        case .layers(let layers): "[" + layers.map(json).joined(separator: ",") + "]"
        }
    }

    private static func json(_ layer: OuterLayer) -> String {
        var members = ["\"kind\":\(quoted(layer.kind.rawValue))"]
        if let version = layer.version { members.append("\"version\":\(version)") }
        if let identifier = layer.identifier { members.append("\"id\":\(identifier)") }
        if let source = layer.source { members.append("\"source\":\(quoted("\(source)"))") }
        if let destination = layer.destination {
            members.append("\"destination\":\(quoted("\(destination)"))")
        }
        return "{" + members.joined(separator: ",") + "}"
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
        case .layers(let layers): layers.pathText
        }
    }

    private static func seconds(_ nanoseconds: Int64) -> String {
        let magnitude = nanoseconds.magnitude
        let fraction = String(magnitude % 1_000_000_000)
        return (nanoseconds < 0 ? "-" : "") + "\(magnitude / 1_000_000_000)."
            + String(repeating: "0", count: 9 - fraction.count) + fraction
    }
}
