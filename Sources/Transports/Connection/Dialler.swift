import Glibc
import Vocabulary
import NIOCore
import NIOPosix
import Wire
import ZMTP

/// Keeps one connection up: dials, and dials again with back-off whenever it is lost.
///
///     dialling ── open ──▶ connected ── closed ──▶ waiting ── back-off over ──▶ dialling
///        └───────── failed ───────────────────────▲
///     any ── stop ──▶ stopped ◀── a failure that `ReconnectStop` names
///
/// Confined to its loop.
final class Dialler: @unchecked Sendable {
    private enum Phase {
        case dialling
        case connected(Connection)
        case waiting(Scheduled<Void>)
        case stopped
    }

    let endpoint: Endpoint
    private let loop: any EventLoop
    private let options: TransportOptions
    private let adopt: @Sendable (any ByteStream, Dialler) -> any ByteStreamOwner
    private let reconnectStop: ReconnectStop
    private let onDial: @Sendable () -> Void
    /// Without a time to wait, it is not tried again.
    private let onFailure: @Sendable (String, Duration?) -> Void
    private var backOff: BackOff
    private var wasEstablished = false
    private var phase = Phase.dialling

    init(
        endpoint: Endpoint,
        loop: any EventLoop,
        options: TransportOptions,
        backOff: BackOff,
        reconnectStop: ReconnectStop,
        adopt: @escaping @Sendable (any ByteStream, Dialler) -> any ByteStreamOwner,
        onDial: @escaping @Sendable () -> Void,
        onFailure: @escaping @Sendable (String, Duration?) -> Void
    ) {
        self.endpoint = endpoint
        self.loop = loop
        self.options = options
        self.backOff = backOff
        self.reconnectStop = reconnectStop
        self.adopt = adopt
        self.onDial = onDial
        self.onFailure = onFailure
    }

    func dial() {
        loop.assertInEventLoop()
        if case .stopped = phase { return }
        phase = .dialling
        // The hub refuses what has no streams.
        guard let transport = endpoint.scheme.transport else { return }
        onDial()
        transport
            .dial(endpoint, on: loop, options: options) { self.adopt($0, self) }
            .hop(to: loop)
            .whenFailure { error in
                guard case .dialling = self.phase else { return }
                self.retry(
                    reason: Self.describe(error),
                    after: Self.isRefusal(error) ? .refused : .lost
                )
            }
    }

    /// Whether the connection may go on; a second address that answered late may not.
    func handleOpen(_ connection: Connection) -> Bool {
        loop.assertInEventLoop()
        guard case .dialling = phase else { return false }
        phase = .connected(connection)
        return true
    }

    func handleEstablished() {
        loop.assertInEventLoop()
        wasEstablished = true
    }

    func handleClose(_ connection: Connection, reason: DisconnectReason) {
        loop.assertInEventLoop()
        guard case .connected(let current) = phase, current === connection else { return }
        // A peer that finishes the handshake only to refuse what it learned there is not to be asked ever faster.
        if wasEstablished, !reason.isRefusal { backOff.handleSuccess() }
        wasEstablished = false
        let isHandshake = if case .handshake = reason { true } else { false }
        retry(reason: reason.description, after: isHandshake ? .handshakeFailed : .lost)
    }

    func stop(linger: Duration?) {
        loop.assertInEventLoop()
        let last = phase
        phase = .stopped
        switch last {
        case .connected(let connection): connection.finish(linger: linger)
        case .waiting(let task): task.cancel()
        case .dialling, .stopped: break
        }
    }

    private func retry(reason: String, after failure: ReconnectStop) {
        guard reconnectStop.isDisjoint(with: failure) else {
            phase = .stopped
            return onFailure(reason, nil)
        }
        let wait = backOff.next(randomness: .random(in: .min ... .max))
        onFailure(reason, wait)
        phase = .waiting(
            loop.scheduleTask(in: .nanoseconds(wait.nanoseconds)) { self.dial() }
        )
    }

    /// Whether no address had anybody who listens.
    private static func isRefusal(_ error: any Error) -> Bool {
        switch error {
        case let error as IOError: error.errnoCode == ECONNREFUSED
        case let error as NIOConnectionError:
            !error.connectionErrors.isEmpty
                && error.connectionErrors.allSatisfy { isRefusal($0.error) }
        default: false
        }
    }

    private static func describe(_ error: any Error) -> String {
        switch error {
        case let error as EndpointError: error.problem
        case let error as IOError: error.explanation
        case let error as NIOConnectionError:
            error.dnsAError != nil && error.connectionErrors.isEmpty
                ? "the name \(error.host) cannot be resolved"
                : error.connectionErrors.map { describe($0.error) }.first ?? "no address answered"
        case ChannelError.connectTimeout: "no answer in time"
        default: "\(error)"
        }
    }
}
