import DataPlane
import NIOCore
import Synchronization
import Wire

/// One direction of a proxy: what one socket receives, another sends, run by run.
///
///     source's inbox ─ run ─▶ held ─ room? ─▶ target's outlet
///                              │                └─▶ capture
///                              └─ none: nothing is taken, so that the source's peers are asked to pause
///
/// Confined to the source's loop.
final class ProxyPump: @unchecked Sendable {
    private let source: any SocketCore
    private let target: any SocketCore
    private let capture: (any SocketCore)?
    private let onEnd: @Sendable () -> Void
    /// Taken and not passed on.
    private var held: (run: ByteBuffer, messageCount: Int)?
    private var isPaused = false
    private var isStopped = false
    /// What went through; read from any thread.
    private let passed = Mutex(TrafficTotal())

    init(
        from source: any SocketCore,
        to target: any SocketCore,
        capture: (any SocketCore)?,
        onEnd: @escaping @Sendable () -> Void
    ) {
        self.source = source
        self.target = target
        self.capture = capture
        self.onEnd = onEnd
    }

    var total: TrafficTotal { passed.withLock { $0 } }

    func start() {
        // What is copied there is not looked at here: each of its receivers says what it discards.
        capture?.outlet?.refuseLinks()
        // Until `stop`.
        source.setReadableHandler { self.wake() }
        target.setWritableHandler { self.wake() }
        wake()
    }

    /// Takes its hands off both sockets; what it holds and cannot pass on is lost.
    func stop() -> EventLoopFuture<Void> {
        source.setReadableHandler(nil)
        target.setWritableHandler(nil)
        return source.home.submit {
            self.isStopped = true
            if let held = self.held {
                _ = self.target.tryAppend(
                    run: held.run,
                    messageCount: held.messageCount,
                    isLast: true
                )
                self.held = nil
            }
        }
    }

    func setPaused(_ isPaused: Bool) {
        source.home.execute {
            self.isPaused = isPaused
            if !isPaused { self.pump() }
        }
    }

    private func wake() {
        source.home.execute { self.pump() }
    }

    private func pump() {
        source.home.assertInEventLoop()
        guard !isPaused, !isStopped else { return }
        for _ in 0..<Self.runCountPerTurn {
            guard let next = held ?? source.inbox?.tryTakeRun() else {
                guard source.inbox?.isOver ?? true || target.outlet?.isClosed ?? true else {
                    return
                }
                isStopped = true
                return onEnd()
            }
            switch target.tryAppend(run: next.run, messageCount: next.messageCount, isLast: false) {
            case .queued: break
            case .full:
                held = next
                return
            case .closed, .unsupported, .multipart:
                isStopped = true
                return onEnd()
            }
            held = nil
            passed.withLock { $0.add(next.messageCount, next.run.readableBytes) }
            _ = capture?.tryAppend(
                run: next.run,
                messageCount: next.messageCount,
                isLast: true
            )
        }
        // Later, so that the loop looks at its connections in between.
        wake()
    }

    private static let runCountPerTurn = 32
}

/// Messages and octets, with their frames' headers, that went one way.
public struct TrafficTotal: Equatable, Sendable {
    public private(set) var messageCount = 0
    public private(set) var byteCount = 0

    mutating func add(_ messageCount: Int, _ byteCount: Int) {
        self.messageCount += messageCount
        self.byteCount += byteCount
    }
}
