import Glibc

/// Lines for a person on standard error; standard output is for results.
enum Diagnostics {
    static func report(_ message: String) {
        write("xylem: \(message)")
    }

    static func write(_ text: String) {
        // One call, so that lines of several threads do not mix.
        _ = Array((text + "\n").utf8).withUnsafeBytes {
            Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count)
        }
    }
}
