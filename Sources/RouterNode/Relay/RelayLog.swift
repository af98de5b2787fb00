import Logging
import Transports
import ZMTP

/// The log level of each of a relay's events.
enum RelayLog {
    static func write(_ event: SocketEvent, to logger: Logger) {
        switch event {
        case .listening, .stoppedListening, .retrying: logger.info("\(event)")
        case .acceptPaused: logger.warning("\(event)")
        case .acceptResumed: logger.notice("\(event)")
        case .opened, .established: logger.debug("\(event)")
        case .disconnected(_, let reason):
            switch reason {
            case .peerClosed, .closedHere: logger.debug("\(event)")
            case .handshake, .framing, .misbehaviour, .heartbeat, .stalled, .overflow, .limit,
                .network:
                logger.notice("\(event)")
            }
        case .multicast(_, let news):
            switch news {
            case .opened, .sourceAppeared, .sourceFinished, .sourceExpired: logger.info("\(event)")
            case .smallBuffer, .sourceReset, .loss, .refused, .unsent, .interrupted, .reopened,
                .closed:
                logger.notice("\(event)")
            }
        }
    }
}
