import Glibc

/// One line on a terminal that is written over and over; silent anywhere else, and for work that is soon done.
struct ProgressLine {
    private let isTerminal = isatty(STDERR_FILENO) == 1 && Terminal.takesEscapes()
    private let begin = ContinuousClock.now
    private var lastShown = ContinuousClock.now
    private var isShown = false

    /// Shows the text if it is time for it.
    mutating func show(_ text: @autoclosure () -> String) {
        guard isTerminal else { return }
        let now = ContinuousClock.now
        guard now - begin > Self.quietTime, now - lastShown > Self.interval else { return }
        lastShown = now
        isShown = true
        Self.write("\r\u{1B}[K" + text())
    }

    /// Takes the line away.
    mutating func clear() {
        guard isShown else { return }
        isShown = false
        Self.write("\r\u{1B}[K")
    }

    private static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes {
            Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }

    private static let quietTime = Duration.seconds(1)
    private static let interval = Duration.milliseconds(200)
}
