/// Cuts a stream of octets into lines, wherever its chunks end.
struct LineCutter {
    private var partial: [UInt8] = []
    private let lineByteCountMax: Int

    init(lineByteCountMax: Int) {
        self.lineByteCountMax = lineByteCountMax
    }

    /// The lines that this chunk completes, without their line feeds and carriage returns.
    mutating func append(_ chunk: ArraySlice<UInt8>) throws(LineTooLong) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var rest = chunk
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            try check(end - rest.startIndex)
            if partial.isEmpty {
                lines.append(Self.trimmed(rest[..<end]))
            } else {
                lines.append(Self.trimmed((partial + rest[..<end])[...]))
                partial = []
            }
            rest = rest[(end + 1)...]
        }
        try check(rest.count)
        partial.append(contentsOf: rest)
        return lines
    }

    /// The last line, if the stream did not end with a line feed.
    mutating func finish() -> ArraySlice<UInt8>? {
        guard !partial.isEmpty else { return nil }
        defer { partial = [] }
        return Self.trimmed(partial[...])
    }

    private func check(_ byteCount: Int) throws(LineTooLong) {
        guard partial.count + byteCount <= lineByteCountMax else {
            throw LineTooLong(byteCountMax: lineByteCountMax)
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }
}

struct LineTooLong: Error, Equatable {
    var byteCountMax: Int
}
