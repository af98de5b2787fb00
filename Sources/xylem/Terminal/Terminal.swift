import Foundation
import Glibc

/// The terminal at standard output, if there is one.
enum Terminal {
    struct Size: Equatable {
        var columns: Int
        var rows: Int
    }

    /// Whether lines can be replaced in place: a person looks on, at a terminal that moves its cursor when it is told to.
    static var isInteractive: Bool { isPresent && takesEscapes() }

    /// How wide a line may be; a file or a pipe takes any.
    static var width: Int { isPresent ? size.columns : .max }

    /// The same for standard error.
    static var diagnosticsWidth: Int {
        isatty(STDERR_FILENO) == 1 ? size(of: STDERR_FILENO).columns : .max
    }

    /// Whether standard error is at a terminal, too, which is then the same.
    static var isSharedByDiagnostics: Bool { isPresent && isatty(STDERR_FILENO) == 1 }

    /// Whether a terminal may be sent escape sequences. Nothing here has a colour, but who says NO_COLOR wants plain text.
    static func takesEscapes(
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Bool {
        guard let kind = environment["TERM"], !kind.isEmpty, kind != "dumb" else { return false }
        return (environment["NO_COLOR"] ?? "").isEmpty
    }

    /// Asked for anew each time: people resize windows.
    static var size: Size { size(of: STDOUT_FILENO) }

    private static func size(of descriptor: Int32) -> Size {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else {
            return Size(columns: 80, rows: 24)
        }
        return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }

    /// The text in lines that are no wider, cut after commas, semicolons and colons where that is possible, else at spaces.
    static func folded(_ text: String, width: Int) -> [String] {
        guard text.count > width else { return [text] }
        var (lines, line, count) = ([[Substring]](), [Substring](), -1)
        for word in text.split(separator: " ") {
            if !line.isEmpty, count + 1 + word.count > width {
                let mark = line.lastIndex { $0.last.map(",;:".contains) ?? false }
                // Not where the line would be left nearly empty.
                let cut =
                    mark.flatMap { cells(line[...$0]) * 2 < width ? nil : $0 } ?? line.count - 1
                let rest = line[(cut + 1)...]
                let restCount = rest.reduce(0) { $0 + $1.count + 1 }
                // What follows the comma goes on with the next line, unless that would be too long itself.
                let isMoved = restCount + word.count <= width
                lines.append(isMoved ? Array(line[...cut]) : line)
                line = isMoved ? Array(rest) : []
                count = isMoved ? restCount - 1 : -1
            }
            line.append(word)
            count += 1 + word.count
        }
        return (lines + [line]).map { $0.joined(separator: " ") }
    }

    private static func cells(_ words: ArraySlice<Substring>) -> Int {
        words.reduce(words.count - 1) { $0 + $1.count }
    }

    private static var isPresent: Bool { isatty(STDOUT_FILENO) == 1 }
}
