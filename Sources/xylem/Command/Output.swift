import Foundation
import Glibc

/// Results on standard output.
enum Output {
    static func write(_ text: String, terminator: String = "\n") {
        let bytes = Array((text + terminator).utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes[start...].withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            // Nobody reads any more (`… | head`), and our own signal for that may be off: end as others do.
            guard count > 0 else { _exit(128 + SIGPIPE) }
            start += count
        }
    }

    /// One line of JSON.
    static func writeJSON(_ value: some Encodable, isPretty: Bool = false) {
        write(json(value, isPretty: isPretty))
    }

    static func json(_ value: some Encodable, isPretty: Bool = false) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        // What this command prints is made of plain values, which always encode.
        let data = (try? encoder.encode(value)) ?? Data()
        return String(decoding: data, as: UTF8.self)
    }
}
