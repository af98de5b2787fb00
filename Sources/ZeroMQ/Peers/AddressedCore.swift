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
    // Plain memory: a look at a class's property copies it, and every message is looked up here.
    private let book: UnsafeMutablePointer<AddressBook>
    /// By slot: the frame that is put before the peer's messages.
    private var addressFrames: [[UInt8]] = []
    /// What peers are called that are dialled, whatever they call themselves.
    private var givenIdentities: [Endpoint: [UInt8]] = [:]
    private var isDirty: [Bool] = []
    private var dirty: [Int] = []
    var waits = PeerWaits()
    /// Whether messages of more than one frame, beside the address, are for this pattern.
    private let allowsMultipart: Bool

    init(
        type: SocketType,
        options: SocketOptions,
        naming: AddressBook.Naming,
        allowsMultipart: Bool = true
    ) {
        book = .allocate(capacity: 1)
        book.initialize(
            to: AddressBook(
                naming: naming,
                allowsHandover: options.router.allowsHandover,
                firstNumber: .random(in: 1 ... .max)
            )
        )
        self.allowsMultipart = allowsMultipart
        super.init(type: type, options: options, receives: true, sends: true)
    }

    deinit {
        book.deinitialize(count: 1)
        book.deallocate()
    }

    override var takesAnyMessage: Bool { allowsMultipart }

    /// An address and what is sent there.
    override func fits(_ message: ByteBuffer) -> Bool {
        allowsMultipart || message.hasFrames(2)
    }

    override func handleFinish() { waits.settleAll() }

    // MARK: Peers

    /// Decides what the peer at an endpoint is called that is about to be dialled (`ZMQ_CONNECT_ROUTING_ID`).
    func name(_ endpoint: Endpoint, _ identity: [UInt8]) -> EventLoopFuture<Void> {
        home.submit { self.givenIdentities[endpoint] = identity }
    }

    /// The number that the peer at an endpoint has which is about to be dialled: nobody else's, from now until it is dialled no more.
    func reserveNumber(of endpoint: Endpoint) -> EventLoopFuture<[UInt8]> {
        home.submit {
            if let reserved = self.givenIdentities[endpoint] { return reserved }
            let connection = self.connections.lazy.compactMap { $0 }
                .first { $0.dialledEndpoint == endpoint }
            let identity = self.book.pointee.reserve(
                connection.flatMap { self.book.pointee.identity(ofSlot: $0.slot) }
            )
            self.givenIdentities[endpoint] = identity
            return identity
        }
    }

    /// The endpoint cannot be dialled after all.
    func forget(_ endpoint: Endpoint) {
        home.execute { self.handleDialEnd(endpoint) }
    }

    override func handleDialEnd(_ endpoint: Endpoint) {
        guard let identity = givenIdentities.removeValue(forKey: endpoint) else { return }
        book.pointee.release(identity)
        waits.settle(identity)
    }

    override func admit(_ connection: Connection, _ peer: RemotePeer) -> Bool {
        let admission = book.pointee.admit(
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
            connection.close(
                .misbehaviour(
                    "a routing id has at most 255 octets, of which the first is not zero"
                )
            )
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
        book.pointee.identity(ofSlot: slot)?.withUnsafeBytes {
            FrameHeader.append(body: $0, hasMore: true, to: &frame)
        }
        addressFrames[slot] = frame
        settleWaits(atSlot: slot)
        if options.router.notifications.contains(.connect) { notify(connection) }
    }

    override func handleDeparture(of connection: Connection) {
        if options.router.notifications.contains(.disconnect) { notify(connection) }
        settleWaits(atSlot: connection.slot)
        book.pointee.remove(slot: connection.slot)
    }

    override func handleRoom(for connection: Connection) { settleWaits(atSlot: connection.slot) }

    /// The application is told by an empty message from the peer.
    private func notify(_ connection: Connection) {
        deliver(ByteBuffer(bytes: [0, 0]), messageCount: 1, from: connection)
    }

    private func settleWaits(atSlot slot: Int) {
        if let address = book.pointee.identity(ofSlot: slot) { waits.settle(address) }
    }

    /// The slot of the peer with that address.
    func slot(ofAddress address: UnsafeRawBufferPointer) -> Int? { book.pointee.slot(of: address) }

    func address(ofSlot slot: Int) -> [UInt8]? { book.pointee.identity(ofSlot: slot) }

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

    override func linkPrefix(for connection: Connection) -> [UInt8]? {
        addressFrames[connection.slot]
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
        // Many chunks make one write to each peer, as long as they come.
        for _ in 0..<Self.chunkCountPerFlush {
            guard let chunk = outlet?.take() else {
                flush()
                return settleIfEmpty()
            }
            chunk.buffer.withUnsafeReadableBytes { bytes in
                var walker = MessageWalker(bytes)
                while walker.next() { route(chunk.buffer, bytes, walker) }
            }
        }
        flush()
        // Later, so that a fast sender does not keep the loop from its sockets.
        home.execute { self.drainOutlet() }
    }

    private static let chunkCountPerFlush = 16

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
            guard walker.next(), bytes[walker.start] & FrameHeader.more != 0 else {
                return .unroutable
            }
            let address = UnsafeRawBufferPointer(rebasing: bytes[walker.topic])
            guard let slot = book.pointee.slot(of: address),
                let connection = connection(atSlot: slot)
            else {
                let isExpected = !options.isImmediate && book.pointee.isReserved(Array(address))
                return isExpected ? makeWait(for: Array(address)) : .unroutable
            }
            if !connection.outbox.hasRoom {
                connection.drain()
                guard connection.outbox.hasRoom else { return makeWait(for: Array(address)) }
            }
            transmit(message, bytes, walker.topic.upperBound..<walker.end, to: connection)
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
        guard
            let slot = book.pointee.slot(of: UnsafeRawBufferPointer(rebasing: bytes[walker.topic])),
            let connection = connection(atSlot: slot)
        else { return dropped.add(1, .unroutable) }
        transmit(buffer, bytes, walker.topic.upperBound..<walker.end, to: connection)
    }

    /// Gives a message, the octets `range` of `bytes`, to a peer.
    func transmit(
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
