import Logging
import Transports
import ZMTP

/// The log level of each of a socket's events.
enum SocketLog {
    static func write(_ event: SocketEvent, to logger: Logger) {
        logger.log(level: level(of: event), "\(event)")
    }

    static func level(of event: SocketEvent) -> Logger.Level {
        switch event {
        case .opened, .established, .dialling, .statistics: .debug
        case .bindFailed, .acceptFailed, .closeFailed: .notice
        case .disconnected(_, let reason):
            switch reason {
            case .peerClosed, .closedHere: .debug
            default: .notice
            }
        case .multicast(_, let news):
            switch news {
            case .opened, .sourceAppeared, .sourceFinished, .sourceExpired: .info
            default: .notice
            }
        default: .info
        }
    }
}
