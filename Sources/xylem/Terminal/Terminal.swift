import Glibc

/// The terminal at standard output, if there is one.
enum Terminal {
    struct Size: Equatable {
        var columns: Int
        var rows: Int
    }

    static var isInteractive: Bool { isatty(STDOUT_FILENO) == 1 }

    /// Asked for anew each time: people resize windows.
    static var size: Size {
        var window = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0 else {
            return Size(columns: 80, rows: 24)
        }
        return Size(columns: Int(window.ws_col), rows: Int(window.ws_row))
    }
}
