package import Logging
import Synchronization

/// What relays and sockets write to their log.
package final class RecordedLog: Sendable {
    private let entries = Mutex<[String]>([])

    package init() {}

    package var lines: [String] { entries.withLock { $0 } }

    /// A logger that writes here, every level.
    package func logger(_ label: String) -> Logger {
        var logger = Logger(label: label) { _ in Handler(log: self, label: label) }
        logger.logLevel = .trace
        return logger
    }

    package func contains(_ text: String) -> Bool {
        lines.contains { $0.contains(text) }
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        let label: String
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.entries.withLock { $0.append("\(label) \(event.level): \(event.message)") }
        }
    }
}
