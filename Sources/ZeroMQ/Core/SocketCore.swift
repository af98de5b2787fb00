package import DataPlane
package import NIOCore
package import Transports
package import Vocabulary
package import ZMTP

/// The engine of one socket, the same for every pattern: what the typed sockets are laid on, and any other interface.
///
///     application ── tryAppend, append ─▶ outlet ─┐                    ┌─▶ connections
///                                                 ├─ pattern (loop) ───┤
///     application ◀─ tryTake, take ────── inbox ◀─┘                    └─▶ multicast
///
/// A pattern gives the queues it has and what its loop does with them; waiting, time-outs and readiness follow from the
/// queues and are written here once. What blocks a thread must not be called on an event loop.
package protocol SocketCore: ConnectionHandler, MulticastHost {
    var type: SocketType { get }
    /// Everything a pattern does, it does on this loop.
    var home: any EventLoop { get }
    /// Whether bulk data comes in, so that reads are large.
    var expectsBulkReads: Bool { get }
    /// What has arrived; `nil` for a pattern that receives nothing.
    var inbox: Mailbox? { get }
    /// What is to be sent; `nil` for a pattern that sends nothing.
    var outlet: SendQueue? { get }
    /// The `udp://` endpoints; `nil` for a pattern that has connections only.
    var datagrams: DatagramPorts? { get }
    /// Takes what waits in the outlet; called on the home loop, after an append that found the loop idle.
    func drainOutlet()
    /// Takes nothing more from the application; succeeds when all it has queued is with the connections.
    func finish() -> EventLoopFuture<Void>
    /// Whether a message, in its encoded form, has as many frames as the pattern's messages have.
    func fits(_ message: ByteBuffer) -> Bool
    /// Whether every message does.
    var takesAnyMessage: Bool { get }
    /// An endpoint is dialled (1) from now on, or is no more (-1).
    func handleDial(_ endpoint: Endpoint, _ change: Int) -> EventLoopFuture<Void>
    /// Queues whole messages that another socket has received, all of them or none; `isLast` as for one.
    func tryAppend(run: ByteBuffer, messageCount: Int, isLast: Bool) -> AppendOutcome
    /// How many peers were disconnected because they went beyond the `PeerLimits`.
    func countLimitDisconnects() -> EventLoopFuture<Int>
}

/// What became of a message that was offered to a core.
package enum AppendOutcome: Equatable, Sendable {
    case queued
    /// Nothing was queued, there was no room; with a time-out: for as long as that.
    case full
    case closed
    /// Nothing was queued: the message has more frames than the pattern's have.
    case multipart
    /// The pattern sends nothing.
    case unsupported
}

extension SocketCore {
    package var datagrams: DatagramPorts? { nil }

    package func fits(_ message: ByteBuffer) -> Bool { true }

    package var takesAnyMessage: Bool { true }

    package func handleDial(_ endpoint: Endpoint, _ change: Int) -> EventLoopFuture<Void> {
        home.makeSucceededVoidFuture()
    }

    /// Queues one message, in its encoded form, if there is room. `isLast` says that nobody will offer it again, so that a
    /// refusal is counted.
    package func tryAppend(_ message: ByteBuffer, isLast: Bool = false) -> AppendOutcome {
        guard fits(message) else { return .multipart }
        return queue(message, messageCount: 1, isLast: isLast)
    }

    package func tryAppend(run: ByteBuffer, messageCount: Int, isLast: Bool) -> AppendOutcome {
        queue(run, messageCount: messageCount, isLast: isLast)
    }

    private func queue(_ run: ByteBuffer, messageCount: Int, isLast: Bool) -> AppendOutcome {
        guard let outlet else { return .unsupported }
        switch outlet.append(run, messageCount: messageCount, countRefused: isLast) {
        case .queued: return .queued
        case .queuedFirst:
            home.execute { self.drainOutlet() }
            return .queued
        case .full: return .full
        case .closed: return .closed
        }
    }

    /// Queues one message, and blocks the thread for `timeout` at most until there is room (`nil` = without end).
    package func append(_ message: ByteBuffer, timeout: Duration?) -> AppendOutcome {
        guard let outlet else { return .unsupported }
        let clock = ContinuousClock()
        let deadline = timeout.map { clock.now + $0 }
        while true {
            let outcome = tryAppend(message)
            guard outcome == .full else { return outcome }
            let left = deadline.map { $0 - clock.now }
            switch outlet.waitForRoom(message.readableBytes, timeout: left) {
            // Somebody else may have been faster.
            case .room: continue
            case .timedOut, .cancelled: return .full
            case .closed: return .closed
            }
        }
    }

    /// Queues one message when there is room for it; a cancelled task queues nothing.
    func append(_ message: ByteBuffer) async throws(ZeroMQError) {
        while true {
            switch tryAppend(message) {
            case .queued: return
            case .closed: throw .closed
            case .unsupported: throw .unsupported
            case .multipart: throw .multipart
            case .full: break
            }
            switch await outlet?.waitForRoom(message.readableBytes) {
            case .room, .timedOut, nil: continue
            case .cancelled: throw .cancelled
            case .closed: throw .closed
            }
        }
    }

    /// Queues one message when there is room for it, within that time; then throws `timedOut`.
    func append(_ message: ByteBuffer, within timeout: Duration) async throws(ZeroMQError) {
        let clock = ContinuousClock()
        let deadline = clock.now + timeout
        while true {
            switch tryAppend(message) {
            case .queued: return
            case .closed: throw .closed
            case .unsupported: throw .unsupported
            case .multipart: throw .multipart
            case .full: break
            }
            let left = deadline - clock.now
            switch await outlet?.waitForRoom(message.readableBytes, within: left, timer: home) {
            case .room, nil: continue
            case .timedOut:
                throw ZeroMQError(.timedOut, "there was no room for the message in time")
            case .cancelled: throw .cancelled
            case .closed: throw .closed
            }
        }
    }

    /// The oldest message; `nil` when none has come for as long as `timeout`.
    func takeItem(within timeout: Duration) async throws(ZeroMQError) -> Mailbox.Item? {
        guard let inbox else { throw .unsupported }
        switch await inbox.takeItem(wantsNotes: false, within: timeout, timer: home) {
        case .item(let item): return item
        case .timedOut: return nil
        case .cancelled: throw .cancelled
        case .closed: throw .closed
        }
    }

    /// The oldest message or note, if there is one.
    package func tryTake(wantsNotes: Bool = false) -> Mailbox.Item? {
        inbox?.tryTakeItem(wantsNotes: wantsNotes)
    }

    /// The oldest message or note; blocks the thread for `timeout` at most until there is one (`nil` = without end). `nil`
    /// when the pattern receives nothing.
    package func take(wantsNotes: Bool = false, timeout: Duration?) -> Mailbox.Outcome? {
        inbox?.takeItem(wantsNotes: wantsNotes, timeout: timeout)
    }

    package var isReadable: Bool { inbox?.isReadable ?? false }

    package var isWritable: Bool { outlet?.isWritable ?? false }

    /// Called whenever a message arrives after there was none, on some event loop, and at the close.
    package func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        inbox?.setReadableHandler(handler)
    }

    /// Called when there is room again after an append or `isWritable` had found none, on some event loop, and at the close.
    package func setWritableHandler(_ handler: (@Sendable () -> Void)?) {
        outlet?.setWritableHandler(handler)
    }

    /// A descriptor for `poll` and its kin: readable while there is a message to take, or the socket is closed. The core
    /// reads and closes it. `nil` when the pattern receives nothing, or the process has no descriptor left.
    package func readinessDescriptor() -> Int32? { inbox?.readinessDescriptor() }

    /// The same for sending: readable while there is room for a message, or the socket is closed.
    package func roomDescriptor() -> Int32? { outlet?.readinessDescriptor() }
}
