/// Cuts what a process prints into lines; it takes whatever comes.
struct LogLines {
    private let lineByteCountMax: Int
    private var partial: [UInt8] = []

    init(lineByteCountMax: Int = 16 << 10) {
        self.lineByteCountMax = lineByteCountMax
    }

    /// The lines that these bytes complete. A line that grows without end is cut in pieces.
    mutating func lines(with chunk: ArraySlice<UInt8>) -> [String] {
        partial.append(contentsOf: chunk)
        var (lines, start): ([String], Int) = ([], 0)
        while let end = partial[start...].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(String(decoding: partial[start..<end], as: UTF8.self))
            start = end + 1
        }
        partial.removeFirst(start)
        if partial.count >= lineByteCountMax { lines += remainder() }
        return lines
    }

    /// What the pipe ended with, if it was not a newline.
    mutating func remainder() -> [String] {
        defer { partial = [] }
        return partial.isEmpty ? [] : [String(decoding: partial, as: UTF8.self)]
    }
}
