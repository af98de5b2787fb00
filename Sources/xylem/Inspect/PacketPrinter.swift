import Dissection

/// Prints packets one a line.
struct PacketPrinter {
    private let format: InspectFormat
    private let captureCount: Int
    /// Lines come out at once, not when there are enough of them.
    private let isLive: Bool
    private var buffer = ""

    init(_ format: InspectFormat, captureCount: Int, isLive: Bool) {
        self.format = format
        self.captureCount = captureCount
        self.isLive = isLive
        if format == .csv { add(PacketLines.csvHeader) }
    }

    mutating func print(_ facts: PacketFacts) {
        let row = PacketRow(facts)
        switch format {
        case .text: add(PacketLines.text(row, captureCount: captureCount))
        case .json, .ndjson: add(PacketLines.json(row))
        case .csv: add(PacketLines.csv(row))
        }
    }

    mutating func finish() {
        Output.write(buffer, terminator: "")
        buffer = ""
    }

    private mutating func add(_ line: String) {
        buffer += line
        buffer += "\n"
        if isLive || buffer.utf8.count >= Self.bufferByteCount { finish() }
    }

    private static let bufferByteCount = 64 << 10
}
