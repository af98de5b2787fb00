import DataPlane
import Synchronization

/// Waits for several sockets and file descriptors at once, as `zmq_poll` does; for programs without async.
///
///     let poller = Poller()
///     try poller.add(puller)
///     poller.add(descriptor: STDIN_FILENO)
///     while true {
///         for event in try poller.wait() {
///             if event.socket === puller, let message = puller.tryReceive() { work(on: message) }
///             if event.descriptor == STDIN_FILENO { readLines() }
///         }
///     }
///
/// What is ready stays ready until it is taken: whoever takes one message and waits again is told of the next. A closed socket is ready, and
/// its calls say that it is closed. Adding and removing, from any thread, counts from the next wait on.
public final class Poller: Sendable {
    /// What to wait for.
    public struct Interest: OptionSet, Sendable {
        public let rawValue: Int

        public init(rawValue: Int) {
            self.rawValue = rawValue
        }

        /// There is something to receive (`ZMQ_POLLIN`).
        public static let receive = Interest(rawValue: 1)
        /// There is room for something to send (`ZMQ_POLLOUT`).
        public static let send = Interest(rawValue: 2)
    }

    /// Something that is ready: either a socket or a descriptor.
    public struct Event: Sendable {
        public let socket: Socket?
        public let descriptor: Int32?
        /// For what, of what was waited for.
        public let readiness: Interest
    }

    private struct Entry {
        var socket: Socket?
        var interest: Interest
        var wishes: [DescriptorPoll.Wish]
        /// What each wish is for.
        var meanings: [Interest]
    }

    private let entries = Mutex<[Entry]>([])

    public init() {}

    /// Waits for a socket from now on; in place of what it was waited for before.
    ///
    /// - Throws: `ZeroMQError`: `unsupported` where the pattern does not send, or does not receive; `system` when the process has no
    ///   descriptor left, of which a socket needs one for each interest.
    public func add(_ socket: Socket, for interest: Interest = .receive) throws(ZeroMQError) {
        var entry = Entry(socket: socket, interest: interest, wishes: [], meanings: [])
        for kind in [Interest.receive, .send] where interest.contains(kind) {
            let descriptor =
                try kind == .receive ? socket.readinessDescriptor() : socket.roomDescriptor()
            entry.wishes.append(DescriptorPoll.Wish(descriptor, reading: true, writing: false))
            entry.meanings.append(kind)
        }
        let added = entry
        entries.withLock { entries in
            entries.removeAll { $0.socket === socket }
            entries.append(added)
        }
    }

    /// Waits for a file descriptor, too; in place of what it was waited for before.
    public func add(descriptor: Int32, for interest: Interest = .receive) {
        let wish = DescriptorPoll.Wish(
            descriptor,
            reading: interest.contains(.receive),
            writing: interest.contains(.send)
        )
        entries.withLock { entries in
            entries.removeAll { $0.socket == nil && $0.wishes[0].descriptor == descriptor }
            entries.append(
                Entry(socket: nil, interest: interest, wishes: [wish], meanings: [interest])
            )
        }
    }

    public func remove(_ socket: Socket) {
        entries.withLock { $0.removeAll { $0.socket === socket } }
    }

    public func remove(descriptor: Int32) {
        entries.withLock {
            $0.removeAll { $0.socket == nil && $0.wishes[0].descriptor == descriptor }
        }
    }

    /// Blocks until something is ready.
    ///
    /// - Parameter timeout: zero only looks; `nil` is without end.
    /// - Returns: what is ready, in the order in which it was added; nothing when the time is up.
    /// - Throws: `ZeroMQError.system` when there are more descriptors than the process may have.
    @available(*, noasync)
    public func wait(timeout: Duration? = nil) throws(ZeroMQError) -> [Event] {
        let entries = entries.withLock { $0 }
        var wishes = entries.flatMap(\.wishes)
        let code = DescriptorPoll.wait(&wishes, timeout: timeout)
        guard code == 0 else {
            throw ZeroMQError(
                .system,
                "cannot wait for \(wishes.count) descriptors (errno \(code))"
            )
        }
        var rest = wishes[...]
        return entries.compactMap { entry in
            let answers = rest.prefix(entry.wishes.count)
            rest = rest.dropFirst(entry.wishes.count)
            return Self.event(of: entry, answers)
        }
    }

    private static func event(
        of entry: Entry,
        _ answers: ArraySlice<DescriptorPoll.Wish>
    ) -> Event? {
        var readiness = Interest()
        if let socket = entry.socket {
            for (answer, meaning) in zip(answers, entry.meanings) where answer.isReadable {
                readiness.insert(meaning)
            }
            return readiness.isEmpty
                ? nil : Event(socket: socket, descriptor: nil, readiness: readiness)
        }
        guard let answer = answers.first else { return nil }
        if answer.isReadable { readiness.insert(.receive) }
        if answer.isWritable { readiness.insert(.send) }
        return readiness.isEmpty
            ? nil : Event(socket: nil, descriptor: answer.descriptor, readiness: readiness)
    }
}

/// Readiness for poll loops of other libraries (`ZMQ_FD`). Unlike libzmq's, these descriptors tell of a state and not of a change: there is
/// nothing to ask for again after each call.
extension Socket {
    /// A descriptor that `poll`, `select` or `epoll` finds readable while there is something to receive, or the socket is closed. It is not to
    /// be read, written or closed, and not to be used after the socket's release.
    ///
    /// - Throws: `ZeroMQError`: `unsupported` where the pattern receives nothing; `system` when the process has no descriptor left.
    public func readinessDescriptor() throws(ZeroMQError) -> Int32 {
        guard inbox != nil else { throw .unsupported }
        return try Self.check(engine.readinessDescriptor())
    }

    /// The same while there is room for something to send: also found *readable*.
    ///
    /// - Throws: `ZeroMQError`: `unsupported` where the pattern sends nothing; `system` when the process has no descriptor left.
    public func roomDescriptor() throws(ZeroMQError) -> Int32 {
        guard engine.outlet != nil else { throw .unsupported }
        return try Self.check(engine.roomDescriptor())
    }

    private static func check(_ descriptor: Int32?) throws(ZeroMQError) -> Int32 {
        guard let descriptor else {
            throw ZeroMQError(
                .system,
                "no file descriptor is left for this process; raise the limit (ulimit -n)"
            )
        }
        return descriptor
    }
}
