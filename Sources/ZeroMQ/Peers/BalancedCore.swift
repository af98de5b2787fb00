import DataPlane
import DequeModule
import NIOCore
import Patterns
import Transports
import Vocabulary
import Wire
import ZMTP

/// PUSH, PULL, DEALER, PAIR and their thread-safe relatives: each message goes to the next peer that has room (RFC 28, 30, 31).
///
///     outlet ─▶ waiting ─▶ balancer: whose turn? ─▶ outbox
///                 ▲                                   │
///                 └────── what a peer that is gone ◀──┘
///                         had not been handed yet
///
/// Without a peer that has room nothing is taken, and once nobody is expected either nothing can be queued: a sender waits, as
/// it does with libzmq. Messages are not tied to a peer before it takes them, so what waited for one that goes away is sent to another.
class BalancedCore: PeerCore, @unchecked Sendable {
    /// How many peers the pattern allows.
    private let peerCountMax: Int
    /// Whether messages of more than one frame are for this pattern.
    private let allowsMultipart: Bool
    private var balancer = LoadBalancer()
    /// Taken from the outlet and not given to anybody.
    private var waiting = Deque<SendQueue.Chunk>()
    private var isDrainScheduled = false
    private var link = OutletLink()
    /// Slots that were given something since they were last drained.
    private var dirty: [Int] = []
    private var isDirty: [Bool] = []

    init(
        type: SocketType,
        options: SocketOptions,
        receives: Bool = true,
        sends: Bool = true,
        peerCountMax: Int = .max,
        allowsMultipart: Bool = true
    ) {
        self.peerCountMax = peerCountMax
        self.allowsMultipart = allowsMultipart
        super.init(type: type, options: options, receives: receives, sends: sends)
        // Nobody to send to yet.
        _ = outlet?.setBlocked(true)
    }

    override var takesAnyMessage: Bool { allowsMultipart }

    override func fits(_ message: ByteBuffer) -> Bool {
        allowsMultipart || message.hasFrames(1)
    }

    // MARK: Peers

    override func refusal(ofOpening connection: Connection) -> DisconnectReason? {
        peerCount < peerCountMax ? nil : isTaken
    }

    /// Two may have opened while there was nobody.
    override func admit(_ connection: Connection, _ peer: RemotePeer) -> Bool {
        guard peerCount <= peerCountMax else {
            connection.close(isTaken)
            return false
        }
        return true
    }

    private var isTaken: DisconnectReason {
        .misbehaviour("\(type.withArticle) has one peer, and this one has it")
    }

    override func handleAdmission(of connection: Connection, _ peer: RemotePeer) {
        guard outlet != nil else { return }
        // From now on messages go in turn.
        endLink()
        connection.outbox.keepsQueue = true
        while isDirty.count <= connection.slot { isDirty.append(false) }
        balancer.add(connection.slot)
        handleAvailability()
    }

    override func handleDeparture(of connection: Connection) {
        guard outlet != nil else { return }
        // What it leaves behind comes before what is queued.
        endLink()
        link.handleDeparture()
        balancer.remove(connection.slot)
        if !isFinished {
            let leftover = connection.outbox.takeLeftover()
            for (buffer, messageCount) in leftover.messages.reversed() {
                waiting.prepend(SendQueue.Chunk(buffer: buffer, messageCount: messageCount))
            }
            if options.conflates { conflate() }
        }
        handleAvailability()
    }

    /// Sends nothing more to a peer that is about to be gone.
    func retire(_ connection: Connection) {
        endLink()
        balancer.remove(connection.slot)
        handleAvailability()
    }

    override func handleRoom(for connection: Connection) {
        balancer.setAvailable(connection.slot, true)
        handleAvailability()
    }

    override func handleDials() { handleAvailability() }

    /// Lets senders queue, or not, and goes on sending.
    private func handleAvailability() {
        guard let outlet else { return }
        let isExpected = peerCount == 0 && dialCount > 0 && !options.isImmediate
        let isBlocked = balancer.availableCount == 0 && !isExpected
        if isBlocked { endLink() }
        let hasWork = outlet.setBlocked(isBlocked)
        if hasWork || !waiting.isEmpty || balancer.availableCount > 0 { scheduleDrain() }
    }

    // MARK: Out

    override var isSettled: Bool { waiting.isEmpty }

    override func drainOutlet() {
        home.assertInEventLoop()
        isDrainScheduled = false
        guard !link.isOpen, !offerLink() else { return }
        // Several chunks make one write to each peer, as long as they come.
        var byteCount = 0
        for _ in 0..<Self.chunkCountPerFlush where byteCount < Self.byteCountPerFlush {
            guard balancer.availableCount > 0 else {
                if options.conflates { conflate() }
                flush()
                return settleIfEmpty()
            }
            if waiting.isEmpty, let chunk = outlet?.take() { waiting.append(chunk) }
            guard let chunk = waiting.popFirst() else {
                flush()
                return settleIfEmpty()
            }
            byteCount += chunk.buffer.readableBytes
            distribute(chunk)
        }
        flush()
        // Later, so that a fast sender does not keep the loop from its sockets.
        scheduleDrain()
    }

    private static let chunkCountPerFlush = 16
    private static let byteCountPerFlush = 4 * SendQueue.chunkByteCountMax

    /// Of what nobody is there for only the newest message waits.
    private func conflate() {
        while let chunk = outlet?.take() { waiting.append(chunk) }
        guard let newest = waiting.last else { return }
        dropped.add(waiting.reduce(-1) { $0 + $1.messageCount }, .queueFull)
        waiting = [SendQueue.Chunk(buffer: newest.buffer.newestMessage, messageCount: 1)]
    }

    private func scheduleDrain() {
        guard !isDrainScheduled else { return }
        isDrainScheduled = true
        home.execute { self.drainOutlet() }
    }

    private func distribute(_ chunk: SendQueue.Chunk) {
        chunk.buffer.withUnsafeReadableBytes { bytes in
            if takesRuns, balancer.count == 1, let slot = balancer.next(),
                let connection = connection(atSlot: slot),
                chunk.messageCount <= connection.outbox.roomMessageCount
            {
                return append(
                    chunk.buffer,
                    bytes,
                    0..<bytes.count,
                    messageCount: chunk.messageCount,
                    to: connection
                )
            }
            var walker = MessageWalker(bytes)
            var leftCount = chunk.messageCount
            while walker.next() {
                guard let slot = balancer.next(), let connection = connection(atSlot: slot) else {
                    let rest = chunk.buffer.slice(walker.start..<bytes.count)
                    waiting.prepend(SendQueue.Chunk(buffer: rest, messageCount: leftCount))
                    _ = outlet?.setBlocked(true)
                    return
                }
                append(
                    chunk.buffer,
                    bytes,
                    walker.start..<walker.end,
                    messageCount: 1,
                    to: connection
                )
                leftCount -= 1
            }
        }
        if balancer.availableCount == 0 { _ = outlet?.setBlocked(true) }
    }

    private func append(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        messageCount: Int,
        to connection: Connection
    ) {
        let slot = connection.slot
        guard let range = prepare(bytes, range, for: connection) else { return }
        _ = connection.outbox.append(
            buffer,
            bytes,
            range,
            messageCount: messageCount,
            policy: options.conflates ? .dropOldest : .block
        )
        if !isDirty[slot] {
            isDirty[slot] = true
            dirty.append(slot)
        }
        // What conflates has room for a message at any time: that which waits makes it.
        guard !options.conflates, !connection.outbox.hasRoom else { return }
        connection.drain()
        if !connection.outbox.hasRoom { balancer.setAvailable(slot, false) }
    }

    /// Whether messages may be sent without being looked at one by one.
    var takesRuns: Bool { true }

    /// The octets of a message that are sent to this peer; `nil` when it is not to be sent any more.
    func prepare(
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        for connection: Connection
    ) -> Range<Int>? { range }

    private func flush() {
        let slots = dirty
        dirty.removeAll(keepingCapacity: true)
        for slot in slots {
            isDirty[slot] = false
            connection(atSlot: slot)?.drain()
        }
    }

    // MARK: Links

    /// What becomes of what the peer takes; `nil`: it stays as it is.
    func linkRewrite(
        for connection: Connection
    ) -> (@Sendable (SendQueue.Chunk) -> SendQueue.Chunk?)? { nil }

    private func offerLink() -> Bool {
        guard balancer.count == 1, let slot = balancer.next(),
            let connection = connection(atSlot: slot), link.mayBeOffered(to: connection),
            !options.conflates, !isFinished, waiting.isEmpty, let outlet
        else { return false }
        return link.offer(outlet, to: connection, rewrite: linkRewrite(for: connection)) { link in
            self.home.execute { self.handleEnd(of: link) }
        }
    }

    private func endLink() {
        if link.end() { scheduleDrain() }
    }

    private func handleEnd(of link: QueueLink) {
        guard let connection = self.link.handleEnd(of: link) else { return }
        // What a peer that closes has not taken is the next one's, not what is lost on its stream.
        if link.hasLostReceiver { retire(connection) }
        scheduleDrain()
    }

    override func handleFinish() { endLink() }

    override func linkPrefix(for connection: Connection) -> [UInt8]? { [] }

    // MARK: In

    override func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        guard allowsMultipart else {
            return deliverSingle(run, messageCount: messageCount, from: connection)
        }
        deliver(run, messageCount: messageCount, from: connection)
    }

    /// RFC 41, 49, 52: a message of several frames is discarded.
    private func deliverSingle(
        _ run: ByteBuffer,
        messageCount: Int,
        from connection: Connection
    ) {
        let (singles, droppedCount) = run.singleFrameMessages(of: messageCount)
        dropped.add(droppedCount, .malformed)
        guard droppedCount < messageCount else { return }
        deliver(singles, messageCount: messageCount - droppedCount, from: connection)
    }
}
