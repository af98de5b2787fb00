import DataPlane
import NIOCore
import Patterns
import Transports
import Vocabulary
import Wire
import ZMTP

/// RADIO: each message goes to everybody who has joined its group, as two frames, group and body (RFC 48, RFC 37 "The Radio-Dish Pattern").
///
///     application ─ group │ body ─▶ outlet ─▶ who is in the group? ─▶ outboxes, each at its own pace
///                                                           └─▶ every udp:// endpoint
///     DISH ── JOIN, LEAVE ──▶ index
final class RadioCore: PeerCore, @unchecked Sendable {
    /// By slot of the connection.
    private var index = GroupIndex()
    private var isDirty: [Bool] = []
    private var dirty: [Int] = []
    /// The slots of dishes whose queue is full, under the `block` policy.
    private var congested: Set<Int> = []
    /// Messages of groups that nobody was in.
    private var unmatchedMessageCount = 0

    let ports: DatagramPorts
    /// The datagram that is being sent.
    private var datagram: [UInt8] = []

    init(options: SocketOptions) {
        let home = options.eventLoop ?? SharedEventLoops.standard
        ports = DatagramPorts(type: .radio, role: .sender, home: home, options: options)
        super.init(type: .radio, options: options, home: home, receives: false, sends: true)
    }

    override var datagrams: DatagramPorts? { ports }

    /// A group and a body.
    override func fits(_ message: ByteBuffer) -> Bool { message.hasFrames(2) }

    // MARK: Dishes

    override func handleAdmission(of connection: Connection, _ peer: RemotePeer) {
        while isDirty.count <= connection.slot { isDirty.append(false) }
    }

    override func handleDeparture(of connection: Connection) {
        index.remove(SubscriberID(UInt32(connection.slot)))
        handleRelief(of: connection.slot)
    }

    override func accept(_ command: PeerCommand, from connection: Connection) {
        guard let (group, isJoin) = command.membership else { return }
        let change = group.withUnsafeReadableBytes { group -> InterestChange? in
            guard GroupIndex.isGroup(group) else { return nil }
            return index.handle(
                group,
                isJoin: isJoin,
                by: SubscriberID(UInt32(connection.slot)),
                limit: options.peerLimits.subscriptions
            )
        }
        guard let change else {
            return connection.close(
                .misbehaviour("a group has at most 255 octets, none of them zero (RFC 48)")
            )
        }
        if change == .overLimit { connection.close(.limit(.subscriptions)) }
    }

    /// RFC 48: "SHALL silently discard any messages that dishes send it."
    override func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        dropped.add(messageCount, .malformed)
    }

    // MARK: Out

    override func drainOutlet() {
        home.assertInEventLoop()
        guard let chunk = outlet?.take() else { return settleIfEmpty() }
        distribute(chunk)
        flush()
        // Later, so that a fast sender does not keep the loop from its sockets.
        home.execute { self.drainOutlet() }
    }

    /// Consecutive messages of one group go as one run.
    private func distribute(_ chunk: SendQueue.Chunk) {
        chunk.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            var group = 0..<0
            var start = 0
            var count = 0
            while walker.next() {
                if count > 0, !Self.isEqual(bytes, group, walker.topic) {
                    deliver(chunk.buffer, bytes, start..<walker.start, count, to: group)
                    start = walker.start
                    count = 0
                }
                group = walker.topic
                count += 1
            }
            deliver(chunk.buffer, bytes, start..<walker.end, count, to: group)
        }
    }

    private static func isEqual(
        _ bytes: UnsafeRawBufferPointer,
        _ left: Range<Int>,
        _ right: Range<Int>
    ) -> Bool {
        left.count == right.count && bytes[left].elementsEqual(bytes[right])
    }

    private func deliver(
        _ buffer: ByteBuffer,
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        _ messageCount: Int,
        to group: Range<Int>
    ) {
        let members = index.members(of: UnsafeRawBufferPointer(rebasing: bytes[group]))
        if ports.hasTarget {
            broadcast(UnsafeRawBufferPointer(rebasing: bytes[range]))
        } else if members.isEmpty {
            unmatchedMessageCount += messageCount
        }
        for member in members {
            let slot = Int(member.rawValue)
            guard let connection = connection(atSlot: slot) else { continue }
            if !isDirty[slot] {
                isDirty[slot] = true
                dirty.append(slot)
            }
            let admission = connection.outbox.append(
                buffer,
                bytes,
                range,
                messageCount: messageCount,
                policy: options.overflow
            )
            if case .disconnect = admission { connection.close(.overflow) }
        }
    }

    /// Sends messages by `udp://`, where nobody says what they have joined.
    private func broadcast(_ run: UnsafeRawBufferPointer) {
        var walker = MessageWalker(run)
        while walker.next() {
            let body = walker.topic.upperBound
            let start = body + FrameHeader(at: body, in: run).byteCount
            GroupDatagram.encode(
                group: UnsafeRawBufferPointer(rebasing: run[walker.topic]),
                body: UnsafeRawBufferPointer(rebasing: run[start..<walker.end]),
                into: &datagram
            )
            datagram.withUnsafeBytes { ports.send($0) }
        }
    }

    private func flush() {
        let slots = dirty
        dirty.removeAll(keepingCapacity: true)
        for slot in slots {
            isDirty[slot] = false
            guard let connection = connection(atSlot: slot) else { continue }
            connection.drain()
            // Asked for, so that it tells when there is room again.
            guard connection.outbox.wantsPause, !connection.outbox.hasRoom else { continue }
            congested.insert(slot)
            _ = outlet?.setBlocked(true)
        }
    }

    override func handleRoom(for connection: Connection) { handleRelief(of: connection.slot) }

    private func handleRelief(of slot: Int) {
        guard congested.remove(slot) != nil, congested.isEmpty else { return }
        if outlet?.setBlocked(false) == true { home.execute { self.drainOutlet() } }
    }

    // MARK: Counts

    func countUnmatchedMessages() -> EventLoopFuture<Int> {
        home.submit { self.unmatchedMessageCount }
    }

    func countMembers() -> EventLoopFuture<Int> {
        home.submit {
            self.isDirty.indices.count { slot in
                self.index.groupCount(of: SubscriberID(UInt32(slot))) > 0
            }
        }
    }

    func countMembers(of group: [UInt8]) -> EventLoopFuture<Int> {
        home.submit { group.withUnsafeBytes { self.index.members(of: $0).count } }
    }
}
