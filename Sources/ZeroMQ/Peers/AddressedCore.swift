import DataPlane
import NIOCore
import Patterns
import Transports
import Vocabulary
import Wire
import ZMTP

/// ROUTER, REP, SERVER and PEER: each message comes with the address of its sender and goes to the peer whose address it begins with (RFC
/// 28, 41, 51).
///
///     in:   a run of peer P ─▶ P's address before each message ─▶ inbox
///     out:  address │ message ─▶ the peer of that address, or dropped and counted
class AddressedCore: PeerCore, @unchecked Sendable {
    private var book: AddressBook
    /// By slot: the frame that is put before the peer's messages.
    private var addressFrames: [[UInt8]] = []
    /// What peers are called that are dialled, whatever they call themselves.
    private var givenIdentities: [Endpoint: [UInt8]] = [:]
    private var isDirty: [Bool] = []
    private var dirty: [Int] = []
    /// Those who wait for room at one peer, by slot.
    private var roomPromises: [Int: [EventLoopPromise<Void>]] = [:]
    /// Whether messages of more than one frame, beside the address, are for this pattern.
    private let allowsMultipart: Bool

    init(
        type: SocketType,
        options: SocketOptions,
        naming: AddressBook.Naming,
        allowsMultipart: Bool = true
    ) {
        book = AddressBook(
            naming: naming,
            allowsHandover: options.router.allowsHandover,
            firstNumber: .random(in: 1 ... .max)
        )
        self.allowsMultipart = allowsMultipart
        super.init(type: type, options: options, receives: true, sends: true)
    }

    // MARK: Peers

    /// Decides what the peer at an endpoint is called that is about to be dialled (`ZMQ_CONNECT_ROUTING_ID`).
    func name(_ endpoint: Endpoint, _ identity: [UInt8]) -> EventLoopFuture<Void> {
        home.submit { self.givenIdentities[endpoint] = identity }
    }

    override func admit(_ connection: Connection, _ peer: RemotePeer) -> Bool {
        let admission = book.admit(
            slot: connection.slot,
            announced: peer.routingID,
            given: connection.dialledEndpoint.flatMap { givenIdentities[$0] }
        )
        switch admission {
        case .admitted: return true
        case .replaced(let slot):
            self.connection(atSlot: slot)?.close(.misbehaviour("another peer took its routing id"))
            return true
        case .taken:
            connection.close(.misbehaviour("another peer has this routing id"))
            return false
        case .unusable:
            connection.close(.misbehaviour("a routing id must not begin with a zero octet"))
            return false
        }
    }

    override func handleAdmission(of connection: Connection, _ peer: RemotePeer) {
        let slot = connection.slot
        while addressFrames.count <= slot {
            addressFrames.append([])
            isDirty.append(false)
        }
        var frame: [UInt8] = []
        book.identity(ofSlot: slot)?.withUnsafeBytes {
            FrameHeader.append(body: $0, hasMore: true, to: &frame)
        }
        addressFrames[slot] = frame
        if options.router.notifications.contains(.connect) { notify(connection) }
    }

    override func handleDeparture(of connection: Connection) {
        if options.router.notifications.contains(.disconnect) { notify(connection) }
        book.remove(slot: connection.slot)
        settleRoom(atSlot: connection.slot)
    }

    override func handleRoom(for connection: Connection) { settleRoom(atSlot: connection.slot) }

    /// The application is told by an empty message from the peer.
    private func notify(_ connection: Connection) {
        deliver(ByteBuffer(bytes: [0, 0]), messageCount: 1, from: connection)
    }

    private func settleRoom(atSlot slot: Int) {
        for promise in roomPromises.removeValue(forKey: slot) ?? [] { promise.succeed() }
    }

    /// The slot of the peer with that address.
    func slot(ofAddress address: UnsafeRawBufferPointer) -> Int? { book.slot(of: address) }

    func address(ofSlot slot: Int) -> [UInt8]? { book.identity(ofSlot: slot) }

    // MARK: In

    override func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        guard !allowsMultipart else {
            return deliver(run, messageCount: messageCount, from: connection)
        }
        let (singles, droppedCount) = run.singleFrameMessages(of: messageCount)
        dropped.add(droppedCount, .malformed)
        guard droppedCount < messageCount else { return }
        deliver(singles, messageCount: messageCount - droppedCount, from: connection)
    }

    override func deliver(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        super.deliver(
            run.prepending(addressFrames[connection.slot], messageCount: messageCount),
            messageCount: messageCount,
            from: connection
        )
    }

    // MARK: Out

    override func drainOutlet() {
        home.assertInEventLoop()
        guard let chunk = outlet?.take() else { return settleIfEmpty() }
        chunk.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() { route(chunk.buffer, bytes, walker) }
        }
        flush()
        // Later, so that a fast sender does not keep the loop from its sockets.
        home.execute { self.drainOutlet() }
    }

    /// What became of one message.
    enum Route: Sendable {
        case sent
        case unroutable
        /// The peer's queue is full; the future tells of room, or of the peer's end.
        case full(EventLoopFuture<Void>)
    }

    /// The same, from any thread.
    func sendNow(_ message: ByteBuffer) -> EventLoopFuture<Route> {
        home.submit {
            guard !self.isFinished else { throw ZeroMQError.closed }
            return self.send(message)
        }
    }

    /// Sends one message at once, after all that was queued before. Nothing is dropped: what cannot be sent is not taken.
    func send(_ message: ByteBuffer) -> Route {
        home.assertInEventLoop()
        while outlet?.isEmpty == false, let chunk = outlet?.take() {
            chunk.buffer.withUnsafeReadableBytes { bytes in
                var walker = MessageWalker(bytes)
                while walker.next() { route(chunk.buffer, bytes, walker) }
            }
        }
        defer { flush() }
        return message.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            guard walker.next(), bytes[walker.start] & FrameHeader.more != 0,
                let slot = book.slot(of: UnsafeRawBufferPointer(rebasing: bytes[walker.topic])),
                let connection = connection(atSlot: slot)
            else { return .unroutable }
            if !connection.outbox.hasRoom {
                connection.drain()
                guard connection.outbox.hasRoom else {
                    let promise = home.makePromise(of: Void.self)
                    roomPromises[slot, default: []].append(promise)
                    return .full(promise.futureResult)
                }
            }
            append(message, bytes, walker.topic.upperBound..<walker.end, to: connection)
            return .sent
        }
    }

    /// Sends a message where its first frame says. RFC 28: never blocks; what has no queue, or a full one, is dropped.
    private func route(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ walker: MessageWalker
    ) {
        guard bytes[walker.start] & FrameHeader.more != 0 else {
            return dropped.add(1, .malformed)
        }
        guard let slot = book.slot(of: UnsafeRawBufferPointer(rebasing: bytes[walker.topic])),
            let connection = connection(atSlot: slot)
        else { return dropped.add(1, .unroutable) }
        append(buffer, bytes, walker.topic.upperBound..<walker.end, to: connection)
    }

    private func append(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        to connection: Connection
    ) {
        _ = connection.outbox.append(
            buffer,
            bytes,
            range,
            messageCount: 1,
            policy: .dropNewest
        )
        guard !isDirty[connection.slot] else { return }
        isDirty[connection.slot] = true
        dirty.append(connection.slot)
    }

    private func flush() {
        let slots = dirty
        dirty.removeAll(keepingCapacity: true)
        for slot in slots {
            isDirty[slot] = false
            connection(atSlot: slot)?.drain()
        }
    }
}
