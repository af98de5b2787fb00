import Vocabulary
import NIOCore
import Synchronization
import Wire

/// ZMTP between sockets of one process (`inproc://name`); names are the process's own.
///
/// A connect may come before its bind: it waits for it, as in libzmq 4.
struct InprocTransport: Transport {
    func listen(
        at endpoint: Endpoint,
        on loops: LoopSet,
        options: TransportOptions,
        news: @escaping @Sendable (AcceptNews) -> Void,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<any Listener> {
        let listener = InprocListener(endpoint: endpoint, loops: loops, accept: accept)
        guard let waiting = InprocNames.shared.register(listener) else {
            return loops.home.makeFailedFuture(
                EndpointError(
                    endpoint: endpoint.description,
                    problem: "another socket of this process is bound to it; choose another name"
                )
            )
        }
        for dial in waiting { dial.connect(to: listener) }
        return loops.home.makeSucceededFuture(listener)
    }

    /// Any name will do.
    func checkDialled(_ endpoint: Endpoint) {}

    func dial(
        _ endpoint: Endpoint,
        on loop: any EventLoop,
        options: TransportOptions,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) -> EventLoopFuture<Void> {
        let dial = InprocDial(
            name: endpoint.address,
            loop: loop,
            attach: attach,
            promise: loop.makePromise(of: Void.self)
        )
        if let listener = InprocNames.shared.lookUp(dial) { dial.connect(to: listener) }
        let deadline = loop.scheduleTask(in: .nanoseconds(options.connectTimeout.nanoseconds)) {
            guard InprocNames.shared.withdraw(dial) else { return }
            dial.promise.fail(
                EndpointError(endpoint: endpoint.description, problem: "nobody is bound to it yet")
            )
        }
        return dial.promise.futureResult.always { _ in deadline.cancel() }
    }
}

/// A connect under way.
final class InprocDial: Sendable {
    let name: String
    let loop: any EventLoop
    let attach: @Sendable (any ByteStream) -> any ByteStreamOwner
    let promise: EventLoopPromise<Void>

    init(
        name: String,
        loop: any EventLoop,
        attach: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner,
        promise: EventLoopPromise<Void>
    ) {
        self.name = name
        self.loop = loop
        self.attach = attach
        self.promise = promise
    }

    func connect(to listener: InprocListener) {
        loop.execute {
            let near = InprocStream(loop: self.loop, name: self.name)
            let far = InprocStream(loop: listener.loops.group.next(), name: self.name)
            InprocStream.join(near, self.attach(near), far, listener.accept)
            self.promise.succeed()
        }
    }
}

final class InprocListener: Listener {
    let endpoint: Endpoint
    let loops: LoopSet
    let accept: @Sendable (any ByteStream) -> any ByteStreamOwner

    init(
        endpoint: Endpoint,
        loops: LoopSet,
        accept: @escaping @Sendable (any ByteStream) -> any ByteStreamOwner
    ) {
        self.endpoint = endpoint
        self.loops = loops
        self.accept = accept
    }

    func close() -> EventLoopFuture<Void> {
        InprocNames.shared.remove(self)
        return loops.home.makeSucceededVoidFuture()
    }
}

/// Who is bound to which name, and who waits for one.
final class InprocNames: Sendable {
    static let shared = InprocNames()

    private struct State {
        var listeners: [String: InprocListener] = [:]
        var waiting: [InprocDial] = []
    }

    private let state = Mutex(State())

    /// Gives the connects that waited for this name, or `nil` when the name is taken.
    func register(_ listener: InprocListener) -> [InprocDial]? {
        let name = listener.endpoint.address
        return state.withLock { state in
            guard state.listeners[name] == nil else { return nil }
            state.listeners[name] = listener
            let ready = state.waiting.filter { $0.name == name }
            state.waiting.removeAll { $0.name == name }
            return ready
        }
    }

    /// The listener of that name; without one the dial is kept until there is.
    func lookUp(_ dial: InprocDial) -> InprocListener? {
        state.withLock { state in
            if let listener = state.listeners[dial.name] { return listener }
            state.waiting.append(dial)
            return nil
        }
    }

    /// Whether the dial was still waiting.
    func withdraw(_ dial: InprocDial) -> Bool {
        state.withLock { state in
            guard let index = state.waiting.firstIndex(where: { $0 === dial }) else { return false }
            state.waiting.remove(at: index)
            return true
        }
    }

    func remove(_ listener: InprocListener) {
        state.withLock { state in
            guard state.listeners[listener.endpoint.address] === listener else { return }
            state.listeners[listener.endpoint.address] = nil
        }
    }
}
