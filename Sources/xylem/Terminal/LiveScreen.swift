/// Some lines at the bottom of a terminal that are replaced in place, with a log that scrolls away above them.
struct LiveScreen {
    /// What stands there now.
    private var frame: [String] = []

    /// Replaces the lines. What does not fit the terminal is left out at the end.
    mutating func show(_ lines: [String]) {
        guard !lines.isEmpty else { return clear() }
        let size = Terminal.size
        // The last row stays free for the cursor.
        let visible = lines.prefix(max(size.rows - 1, 1))
            .map { TextTable.shortened($0, to: size.columns) }
        Output.write(eraser(width: size.columns) + visible.joined(separator: "\n"))
        frame = visible
    }

    /// Writes a line above the others.
    mutating func log(_ text: String) {
        let lines = frame
        let separator = lines.isEmpty ? "" : "\n"
        Output.write(
            eraser(width: Terminal.size.columns) + text + separator
                + lines.joined(separator: "\n")
        )
    }

    /// Takes the lines away.
    mutating func clear() {
        guard !frame.isEmpty else { return }
        Output.write(eraser(width: Terminal.size.columns), terminator: "")
        frame = []
    }

    /// Moves to the first row of the frame and clears from there on.
    private func eraser(width: Int) -> String {
        // A terminal that has become narrower has folded the lines.
        let rowCount = frame.reduce(0) { $0 + max(1, ($1.count + width - 1) / max(width, 1)) }
        return rowCount == 0 ? "" : "\u{1B}[\(rowCount)A\r\u{1B}[J"
    }
}
