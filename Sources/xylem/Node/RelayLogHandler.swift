import Glibc
import Logging

/// Writes a relay's log to standard error: `2026-01-31T12:00:00Z notice …`.
struct RelayLogHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Off for nodes whose supervisor passes their lines on at once.
    var isTimed: Bool

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let time = isTimed ? Self.now + " " : ""
        Diagnostics.write("\(time)\(event.level) \(event.message)")
    }

    private static var now: String {
        var (seconds, fields) = (time(nil), tm())
        gmtime_r(&seconds, &fields)
        var text = [UInt8](repeating: 0, count: 32)
        let count = text.withUnsafeMutableBytes {
            $0.withMemoryRebound(to: CChar.self) { buffer in
                buffer.baseAddress.map {
                    strftime($0, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &fields)
                } ?? 0
            }
        }
        return String(decoding: text[..<count], as: UTF8.self)
    }
}
