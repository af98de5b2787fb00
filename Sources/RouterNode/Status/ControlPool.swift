import FlyingFox
import FlyingSocks
import Glibc
import Synchronization

/// Waits for the sockets of a control endpoint, and gives up those that keep it waiting.
///
/// FlyingFox keeps a connection for as long as its client likes. Descriptors are what subscribers need, too, so a connection that says or takes
/// nothing for a while is closed, and of more than a few that wait the one that has waited longest. Who asks for the
/// status asks at once and never waits long.
final class ControlPool: AsyncSocketPool {
    private struct Waiter {
        let number: Int
        let task: Task<Void, any Error>
    }

    private struct State {
        /// The longest waiting first.
        var waiters: [Waiter] = []
        var nextNumber = 0
    }

    private let base: any AsyncSocketPool
    private let idleMax: Duration
    private let state = Mutex(State())

    init(idleMax: Duration, base: some AsyncSocketPool = HTTPServer.defaultPool()) {
        self.idleMax = idleMax
        self.base = base
    }

    func prepare() async throws { try await base.prepare() }

    func run() async throws { try await base.run() }

    func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
        guard !Self.isListening(socket) else {
            return try await base.suspendSocket(socket, untilReadyFor: events)
        }
        let (base, idleMax) = (base, idleMax)
        let task = Task { try await base.suspendSocket(socket, untilReadyFor: events) }
        let alarm = Task {
            try await Task.sleep(for: idleMax)
            task.cancel()
        }
        let number = enter(task)
        defer {
            alarm.cancel()
            leave(number)
        }
        try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    private func enter(_ task: Task<Void, any Error>) -> Int {
        let (number, surplus) = state.withLock { state -> (Int, Waiter?) in
            let surplus =
                state.waiters.count < Self.waiterCountMax ? nil : state.waiters.removeFirst()
            state.nextNumber += 1
            state.waiters.append(Waiter(number: state.nextNumber, task: task))
            return (state.nextNumber, surplus)
        }
        surplus?.task.cancel()
        return number
    }

    private func leave(_ number: Int) {
        state.withLock { $0.waiters.removeAll { $0.number == number } }
    }

    private static func isListening(_ socket: Socket) -> Bool {
        var isListening: Int32 = 0
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(socket.file.rawValue, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &byteCount)
        return isListening != 0
    }

    private static let waiterCountMax = 64
}
