import DataPlane
import NIOCore
import ZMTP

/// DISH: receives the messages of the groups that it has joined, of all RADIOs in turn (RFC 48).
///
///     let dish = Dish()
///     try await dish.connect("tcp://station.local:5556")
///     try await dish.join("weather.oslo")
///     for await message in dish.messages { print(message.group.text, message.message[0].text) }
public final class Dish: PeerSocket, @unchecked Sendable {
    private let core: DishCore

    public init(options: SocketOptions = SocketOptions()) {
        core = DishCore(options: options)
        super.init(core: core, options: options)
    }

    /// Asks every RADIO, now and later ones, for the messages of that group. To join a group again changes nothing.
    ///
    /// - Throws: `ZeroMQError`: `group` for one that cannot be; `closed`.
    public func join(_ group: Frame) async throws(ZeroMQError) {
        _ = try await change(group, isJoin: true)
    }

    /// Takes a join back.
    ///
    /// - Throws: `ZeroMQError`: `group` for one that was not joined; `closed`.
    public func leave(_ group: Frame) async throws(ZeroMQError) {
        guard try await change(group, isJoin: false) else {
            throw ZeroMQError(.group, "the group \(group) was not joined")
        }
    }

    private func change(_ group: Frame, isJoin: Bool) async throws(ZeroMQError) -> Bool {
        try GroupMessage.check(group)
        do { return try await core.change(group.bytes, isJoin: isJoin).get() } catch {
            throw ZeroMQError.wrap(error)
        }
    }

    /// The oldest message that has arrived, if there is one; of several peers, one of each in turn.
    public func tryReceive() -> GroupMessage? {
        engine.tryTake().flatMap { GroupMessage($0) }
    }

    /// The oldest message, as soon as there is one. A cancelled task takes none.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`; `closed`.
    public func receive() async throws(ZeroMQError) -> GroupMessage {
        let item = await inbox?.takeItem(wantsNotes: false).item
        guard let message = item.flatMap({ GroupMessage($0) }) else {
            throw Task.isCancelled ? .cancelled : .closed
        }
        return message
    }

    /// The oldest message, as soon as there is one; `nil` when none has come for as long as `timeout`.
    ///
    /// - Throws: `ZeroMQError`: `cancelled`, after which no message was taken; `closed`.
    public func receive(timeout: Duration) async throws(ZeroMQError) -> GroupMessage? {
        try await engine.takeItem(within: timeout).flatMap { GroupMessage($0) }
    }

    /// Whether `tryReceive` would give a message now.
    public var isReadable: Bool { engine.isReadable }

    /// Called whenever a message arrives after there was none, on some event loop, and at the close; for front ends that poll.
    public func setReadableHandler(_ handler: (@Sendable () -> Void)?) {
        engine.setReadableHandler(handler)
    }

    /// All messages until the socket is closed. Iterating twice means two consumers that share the messages. Iterating keeps the socket open.
    public var messages: GroupMessages { GroupMessages(socket: self) }
}

/// The messages of a DISH as they come, until it is closed.
public struct GroupMessages: AsyncSequence, Sendable {
    public typealias Failure = Never

    let socket: Dish

    public func makeAsyncIterator() -> Iterator { Iterator(socket: socket) }

    public struct Iterator: AsyncIteratorProtocol {
        let socket: Dish

        public mutating func next() async -> GroupMessage? { try? await socket.receive() }
    }
}
