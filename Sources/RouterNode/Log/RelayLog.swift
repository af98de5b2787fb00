import Logging
import NIOCore
import Synchronization
import Transports
import Vocabulary
import Wire
import ZMTP

/// What a relay writes of its connections: the level of each event, and how many lines of a kind a minute may have.
///
/// Strangers make events as they like: a port scanner, a browser, a client that tries again for ever, whoever sends to a group.
/// They must neither fill a disk nor hide what matters, so each kind of end and of multicast's troubles has ten lines a minute,
/// and one text of a refusal has one; what is left out is counted, and the count is written when the minute is over.
final class RelayLog: Sendable {
    private struct State {
        var gate = LogGate()
        var isScheduled = false
    }

    let logger: Logger
    private let home: any EventLoop
    private let state = Mutex(State())

    init(_ logger: Logger, home: any EventLoop) {
        self.logger = logger
        self.home = home
    }

    func write(_ event: SocketEvent) {
        switch event {
        case .listening, .stoppedListening, .retrying: logger.info("\(event)")
        case .acceptPaused, .acceptFailed: logger.warning("\(event)")
        case .acceptResumed, .gaveUp, .closeFailed: logger.notice("\(event)")
        // Who asked to listen is told, too.
        case .opened, .established, .dialling, .statistics, .bindFailed: logger.debug("\(event)")
        case .disconnected(_, let reason):
            guard let kind = reason.kind else { return logger.debug("\(event)") }
            var text: String?
            if case .misbehaviour(let what) = reason { text = what }
            switch reason {
            case .handshake(.incompatibleSocketType(_, _, let advice?)),
                .handshake(.leftAfterReady(_, let advice?)):
                text = advice
            default: break
            }
            if admits(kind, text) { logger.notice("\(event)") } else { logger.debug("\(event)") }
        case .multicast(_, let news):
            guard let kind = news.kind else { return logger.info("\(event)") }
            if admits(kind, nil) { logger.notice("\(event)") } else { logger.debug("\(event)") }
        }
    }

    /// An endpoint that anybody may use who reaches it.
    func writeOpen(_ endpoint: Endpoint) {
        guard let address = try? TCPAddress(endpoint), !address.host.isLoopback else { return }
        logger.warning(
            "\(endpoint) has neither PLAIN nor CURVE: whoever reaches it may publish or subscribe, and read what passes"
        )
    }

    /// An access list has refused something; each peer has one line a minute for each kind.
    func writeRefusal(of peer: String, _ act: String, _ topic: some Sequence<UInt8>) {
        guard
            admits(
                "subscriptions and messages that access lists refused",
                "\(peer) may not \(act) that"
            )
        else { return }
        let text = HandshakeFailure.printable(topic.prefix(64))
        logger.notice("\(peer) may not \(act) '\(text)'; the access list says who may")
    }

    /// An event of a tree link's connection: what becomes of the link is told by its core's reports.
    func writeLink(_ event: SocketEvent) {
        logger.debug("\(event)")
    }

    /// An event of a connection that this relay keeps up: whether the other end is there is the watch's to say.
    func write(_ event: SocketEvent, of dial: WatchedDial) {
        switch event {
        case .retrying(_, let reason, _), .gaveUp(_, let reason):
            logger.info("\(event)")
            dial.watch.handleFailure(reason, of: dial.part)
        case .disconnected(_, let reason):
            logger.debug("\(event)")
            dial.watch.handleEnd(isRefusal: reason.isRefusal)
        case .listening, .stoppedListening, .bindFailed, .acceptPaused, .acceptResumed,
            .acceptFailed, .closeFailed, .dialling, .opened, .established, .statistics, .multicast:
            write(event)
        }
    }

    /// Writes what has been left out so far: nobody will ask later.
    func finish() {
        write(state.withLock { $0.gate.takeAllLeftOut() })
    }

    /// Whether one more line of that kind, and of that text, may be written.
    private func admits(_ kind: String, _ text: String?) -> Bool {
        let (isAdmitted, deadline) = state.withLock { state -> (Bool, Instant?) in
            let now = Instant.now
            let isAdmitted =
                text.map { state.gate.admit($0, upTo: 1, at: now) ?? true } ?? true
                && state.gate.admit(kind, upTo: Self.lineCountMax, at: now) ?? false
            guard !isAdmitted, !state.isScheduled, let deadline = state.gate.deadline else {
                return (isAdmitted, nil)
            }
            state.isScheduled = true
            return (isAdmitted, deadline)
        }
        if let deadline { schedule(at: deadline) }
        return isAdmitted
    }

    private func schedule(at deadline: Instant) {
        home.scheduleTask(deadline: deadline.nioDeadline) {
            let (leftOut, next) = self.state.withLock { state in
                let leftOut = state.gate.takeLeftOut(at: .now)
                state.isScheduled = state.gate.deadline != nil
                return (leftOut, state.gate.deadline)
            }
            self.write(leftOut)
            if let next { self.schedule(at: next) }
        }
    }

    private func write(_ leftOut: [(kind: String, count: Int)]) {
        for (kind, count) in leftOut {
            logger.notice("\(count) more in the last minute: \(kind)")
        }
    }

    private static let lineCountMax = 10
}

extension DisconnectReason {
    /// What all ends of its kind are called; `nil` for a good one.
    fileprivate var kind: String? {
        switch self {
        case .peerClosed, .closedHere: nil
        case .handshake: "peers whose handshake failed"
        case .framing: "peers that broke the framing"
        case .misbehaviour: "peers that did what their kind may not"
        case .heartbeat: "peers that went silent"
        case .stalled: "peers that stopped in a message or read nothing"
        case .overflow: "peers that could not keep up"
        case .limit: "peers that exceeded a limit"
        case .network: "peers whose connection broke"
        }
    }
}

extension MulticastEvent {
    /// What all troubles of its kind are called; `nil` for what is none.
    fileprivate var kind: String? {
        switch self {
        case .opened, .sourceAppeared, .sourceFinished, .sourceExpired: nil
        case .smallBuffer: "receive buffers that are too small"
        case .sourceReset: "multicast sources that broke off"
        case .loss: "losses of multicast"
        case .refused: "reports of multicast packets that were refused"
        case .unsent: "reports of multicast packets that were not sent"
        case .interrupted: "multicast sockets that failed"
        case .reopened: "multicast sockets that are open again"
        case .closed: "ends of multicast"
        }
    }
}
