package import Vocabulary
import CDatagrams
package import NIOCore
package import PGM
import Patterns
import Wire

/// Sends runs to a group: a PGM source on an event loop.
///
///     append(run) ─▶ queue, bounded ─▶ framing ─▶ open packet ─▶ core admits ─▶ store ─▶ kernel
///                      │ overflow policy                 (rate, number)   │
///                      ▼                                                  ▼
///                    drops, congestion                     NAK ─▶ core ─▶ repairs from the store
///
/// Confined to its loop. The core judges everything that arrives; no packet can stop a source.
package final class MulticastSource: @unchecked Sendable {
    package enum Admission {
        case accepted
        /// Some messages were dropped, and counted.
        case dropped
    }

    enum Phase {
        case running
        /// No more messages are accepted; the queue is being sent.
        case ending(EventLoopPromise<Void>)
        /// Everything has been sent; repairs are still answered for a while.
        case lingering(EventLoopPromise<Void>, until: NIODeadline)
        case closed
    }

    package let link: MulticastLink
    package let loop: any EventLoop
    package let sessionID: TransportSessionID
    package private(set) var counters = OutboxCounters()
    var core: Source
    var store: PacketStore
    var batch = SendBatch()
    var framing = FramingEncoder()
    private var sealer: PayloadSealer?
    let packetFormat: DataPacket
    let parityCode: ReedSolomon?
    /// Octets before and after the TSDU in a packet.
    private let headByteCount: Int
    private let tailByteCount: Int
    private let packetByteCountMax: Int
    private var queue: OutboundQueue
    /// The rest of the queue segment that is being encoded.
    private var current = ByteBuffer()
    /// The open packet is complete.
    var isPacketFull = false
    private var oldestStored = SequenceNumber(0)
    var phase = Phase.running
    private var isBlocking = false
    private var isPumping = false
    var lastActivity = NIODeadline.now()
    var timer: Scheduled<Void>?
    var timerDeadline = NIODeadline.distantFuture
    /// Set while the kernel's buffer is full: when to try again.
    var retryTime: NIODeadline?
    private var onCongestion: () -> Void = {}
    private let observe: @Sendable (SocketEvent) -> Void
    var refusals = RefusalLog()
    private var unsent = RefusalLog()
    private(set) var ports = SourcePorts()
    let groupAddress: KernelAddress
    var hostBudget = HostBudget()

    /// Opens the sockets; call it on `loop`.
    package init(
        _ link: MulticastLink,
        queueLimit: QueueLimit = QueueLimit(),
        budget: MemoryBudget? = nil,
        loop: any EventLoop,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws(EndpointError) {
        loop.assertInEventLoop()
        self.link = link
        self.loop = loop
        self.observe = observe
        let sessionID = TransportSessionID(
            globalSourceID: .random(in: 1..<1 << 48),
            // libzmq ignores sessions whose two ports are equal.
            sourcePort: Self.sourcePort(unlike: link.address.port)
        )
        self.sessionID = sessionID
        queue = OutboundQueue(limit: queueLimit, budget: budget)
        core = Source(
            link.options.sourceOptions(
                overheadByteCount: link.overheadByteCount,
                packetByteCountMax: link.packetByteCountMax
            ),
            sessionID: sessionID,
            dataPort: link.address.port,
            address: link.interface.address,
            group: link.address.sendGroup,
            at: .now
        )
        store = PacketStore(windowPacketCount: 2 * link.options.recoveryPacketCount)
        packetFormat = DataPacket(sessionID: sessionID, dataPort: link.address.port)
        parityCode = link.options.parity.map { ReedSolomon(groupSize: $0.groupSize) }
        // The options were checked: a cipher that this processor lacks was refused with them.
        sealer = link.options.seal.flatMap {
            PayloadSealer($0, sessionID: sessionID, salt: .random(in: .min ... .max))
        }
        let header = DataPacket.headerByteCount()
        headByteCount = header + (sealer == nil ? 0 : SealFormat.headerByteCount)
        tailByteCount = sealer == nil ? 0 : SealFormat.tagByteCount
        // With parity, the packets that carry it have options, and two octets of length behind the payload.
        let reserve = link.options.parity == nil ? 0 : Self.parityReserveByteCount
        packetByteCountMax = link.packetByteCountMax - link.overheadByteCount - reserve
        groupAddress = link.kernelAddress(link.address.sendGroup)
        do throws(EndpointError) {
            try open()
        } catch {
            ports.close()
            throw error
        }
    }

    private func open() throws(EndpointError) {
        try ports.open(link, loop: loop, owner: self)
        if let granted = ports.unicast?.grantedByteCount, granted < link.options.kernelByteCount / 2
        {
            report(.smallBuffer(asked: link.options.kernelByteCount, granted: granted))
        }
        report(
            .opened(
                interface: link.interface.name,
                group: link.text(of: link.address.sendGroup),
                packetByteCountMax: link.packetByteCountMax
            )
        )
        loop.execute { self.handleDirectives() }
    }

    func report(_ event: MulticastEvent) {
        observe(.multicast(link.endpoint, event))
    }

    private static func sourcePort(unlike port: UInt16) -> UInt16 {
        while true {
            let candidate = UInt16.random(in: 1...UInt16.max)
            if candidate != port { return candidate }
        }
    }

    private static let parityReserveByteCount = 32
    /// How long to wait when the kernel's buffer is full: nothing tells when it has room again.
    private static let retryInterval = TimeAmount.milliseconds(1)

    // MARK: - From the socket

    /// Called when the source becomes congested, or no longer is.
    package func setCongestionHandler(_ handler: @escaping () -> Void) {
        onCongestion = handler
    }

    /// Under the `block` policy a queue over its limit asks the sender to pause, until it is half empty.
    package var wantsPause: Bool { isBlocking }

    /// The counters of the PGM core.
    package var sourceCounters: SourceCounters { core.counters }

    /// Packets that did not leave, and that receivers must ask for.
    package var unsentPacketCount: Int { unsent.totalCount }

    package var queuedMessageCount: Int { queue.messageCount }

    package var queuedByteCount: Int { queue.byteCount }

    /// Takes whole messages. What the rate allows leaves at once, in full packets; `flush` sends the rest.
    package func append(
        _ run: ByteBuffer,
        messageCount: Int,
        policy: OverflowPolicy
    ) -> Admission {
        loop.assertInEventLoop()
        counters.takenMessageCount += messageCount
        guard case .running = phase else {
            counters.drop(
                TrafficCount(messageCount: messageCount, byteCount: run.readableBytes),
                .disconnected
            )
            return .dropped
        }
        let isOver = run.withUnsafeReadableBytes {
            queue.append(run, $0, 0..<$0.count, messageCount: messageCount)
        }
        pump(isLast: false)
        guard isOver, queue.isOver else { return .accepted }
        return handleOverflow(policy, arrivedMessageCount: messageCount)
    }

    /// Sends what is left, in a packet that is not full.
    package func flush() {
        loop.assertInEventLoop()
        pump(isLast: true)
    }

    private func handleOverflow(
        _ policy: OverflowPolicy,
        arrivedMessageCount: Int
    ) -> Admission {
        let dropped: TrafficCount
        let reason: DropReason = queue.isOverOwnLimit ? .queueFull : .memoryFull
        switch policy {
        case .block:
            if !isBlocking {
                isBlocking = true
                onCongestion()
            }
            return .accepted
        // Nobody can be disconnected from a group: the message is dropped for all.
        case .disconnect, .dropNewest: dropped = queue.dropNewest(atMost: arrivedMessageCount)
        case .dropOldest: dropped = queue.dropOldest()
        }
        counters.drop(dropped, reason)
        return .dropped
    }

    /// Sends what waits, for `linger` at most (`nil` = as long as it takes), says that this is the end, and makes the
    /// last repairs.
    package func finish(linger: Duration?) -> EventLoopFuture<Void> {
        loop.assertInEventLoop()
        let promise = loop.makePromise(of: Void.self)
        switch phase {
        case .running: break
        case .ending(let other), .lingering(let other, _):
            other.futureResult.cascade(to: promise)
            return promise.futureResult
        case .closed:
            promise.succeed()
            return promise.futureResult
        }
        phase = .ending(promise)
        if let linger {
            loop.scheduleTask(in: .nanoseconds(linger.nanoseconds)) { self.close() }
        }
        pump(isLast: true)
        return promise.futureResult
    }

    /// Ends at once.
    package func close() {
        loop.assertInEventLoop()
        let last = phase
        phase = .closed
        counters.drop(queue.close(), .disconnected)
        timer?.cancel()
        timer = nil
        ports.close()
        switch last {
        case .ending(let promise), .lingering(let promise, _): promise.succeed()
        case .running, .closed: break
        }
    }
}

// MARK: - Sending

extension MulticastSource {
    /// Encodes and sends as much as rate and kernel allow.
    func pump(isLast: Bool) {
        // Sending may call back, by way of the congestion handler.
        guard !isPumping, retryTime == nil else { return }
        isPumping = true
        defer { isPumping = false }
        let now = Instant.now
        while fillPacket(isLast: isLast) {
            guard sendPacket(at: now) else { break }
        }
        _ = flushBatch()
        queue.settle()
        if !isLast { ports.unicast?.readNow() }
        if isBlocking, queue.isHalfEmpty {
            isBlocking = false
            onCongestion()
        }
        if queue.isEmpty, current.readableBytes == 0, framing.isEmpty, batch.isEmpty { settle() }
        schedule()
    }

    /// Whether the open packet is ready to leave.
    private func fillPacket(isLast: Bool) -> Bool {
        while !isPacketFull {
            if current.readableBytes == 0 {
                guard let segment = queue.popFirst() else { break }
                counters.sentMessageCount += segment.messageCount
                counters.sentByteCount += segment.buffer.readableBytes
                current = segment.buffer
            }
            let room = store.room(packetByteCountMax)
            let tsdu = UnsafeMutableRawBufferPointer(
                rebasing: room[headByteCount..<packetByteCountMax - tailByteCount]
            )
            let taken = current.withUnsafeReadableBytes { framing.encode($0, into: tsdu) }
            isPacketFull = taken < current.readableBytes || framing.byteCount == tsdu.count
            current.moveReaderIndex(forwardBy: taken)
        }
        return isPacketFull || isLast && !framing.isEmpty
    }

    /// Numbers the open packet and puts it into the batch, if the rate allows.
    private func sendPacket(at now: Instant) -> Bool {
        let packetByteCount = headByteCount + framing.byteCount + tailByteCount
        guard let fields = core.admit(byteCount: packetByteCount, at: now) else {
            handleDirectives()
            return false
        }
        let room = store.room(packetByteCountMax)
        let tsdu = UnsafeMutableRawBufferPointer(rebasing: room[headByteCount...])
        _ = framing.finish(tsdu)
        isPacketFull = false
        let packet = UnsafeMutableRawBufferPointer(rebasing: room[..<packetByteCount])
        if sealer != nil {
            let header = DataPacket.headerByteCount()
            let sealed = UnsafeMutableRawBufferPointer(rebasing: packet[header...])
            guard sealer?.seal(sealed, as: fields.sequence) == true else {
                // Never in the clear: rather nothing.
                close()
                report(.closed(reason: "the payload cannot be sealed"))
                return false
            }
        }
        packetFormat.write(.odata, fields, into: packet)
        store.store(packetByteCount, as: fields.sequence)
        forget(before: fields.trail)
        enqueue(packet)
        handleDirectives()
        return batch.datagrams.count < SendBatch.datagramCountMax || flushBatch()
    }

    /// Puts a stored packet into the batch.
    func enqueue(_ packet: UnsafeMutableRawBufferPointer) {
        // The batch points into the store until the kernel has read it.
        store.lend()
        batch.append(UnsafeRawBufferPointer(packet), joins: ports.unicast?.cutsSegments == true)
    }

    private func forget(before trail: SequenceNumber) {
        while trail.isAfter(oldestStored) {
            store.remove(oldestStored)
            oldestStored = oldestStored + 1
        }
    }

    /// Hands the batch to the kernel. `false`: its buffer is full; the rest is sent after `retryTime`.
    func flushBatch() -> Bool {
        guard !batch.isEmpty, let port = ports.unicast else { return true }
        guard retryTime == nil else { return false }
        lastActivity = .now()
        switch port.send(batch.datagrams, to: groupAddress) {
        case .all:
            batch.removeAll()
            store.takeBack()
        case .from(let index):
            batch.removeFirst(index)
            retryTime = .now() + Self.retryInterval
            schedule()
            return false
        }
        reportUnsent(port)
        return true
    }

    private func reportUnsent(_ port: PacketPort) {
        guard let (count, reason) = port.takeRefusals() else { return }
        if let news = unsent.count(reason, count, at: Instant.now.nanoseconds) {
            report(.unsent(packetCount: news, reason: reason))
        }
    }

    /// Sends one packet of its own, after what is ready.
    func sendNow(_ packet: UnsafeRawBufferPointer) {
        guard flushBatch(), let port = ports.unicast else { return }
        port.send(packet, to: groupAddress)
        reportUnsent(port)
    }

    /// A NAK for another source of this host: the kernel gives a packet to one socket only, so it goes to the group, but
    /// not beyond this host.
    func passOn(_ packet: UnsafeRawBufferPointer) {
        guard let host = ports.host, hostBudget.take(at: Instant.now.nanoseconds) else { return }
        host.send(packet, to: groupAddress)
    }

    func isUnicast(_ port: PacketPort) -> Bool { port === ports.unicast }
}
