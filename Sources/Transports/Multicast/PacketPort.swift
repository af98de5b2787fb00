import Vocabulary
import CDatagrams
import Glibc
import NIOCore
import NIOPosix
import PGM
import Wire
import ZMTP

/// The user of a port; every call is made on the port's loop.
protocol PacketPortOwner: AnyObject {
    /// One PGM packet, without the headers of IP and UDP. The octets are valid during the call only.
    func port(
        _ port: PacketPort,
        didReceive packet: UnsafeRawBufferPointer,
        from sender: NetworkAddress
    )
    /// Everything that had arrived has been handed over, up to the bound of one wake-up.
    func portDidEndRead(_ port: PacketPort)
    /// After a pause: what had waited in the kernel has been handed over.
    func portDidCatchUp(_ port: PacketPort)
    /// Nothing is received or sent until `portDidReopen`.
    func port(_ port: PacketPort, didFail reason: String)
    func portDidReopen(_ port: PacketPort)
}

/// A socket for packets on an event loop.
///
///     kernel ─▶ channel: wakes us with the first packet ─▶ recvmmsg until there are none ─▶ owner
///                          ▲      packets keep coming: look again after a rest ◀──┘
///                          └── none came
///
///     owner ─▶ sendmmsg, with segmentation offload ─▶ kernel
///
/// A socket can fail: its interface goes away, or the kernel reports an error that NIO closes a channel for. It is then
/// opened anew, with back-off, until that succeeds or the port is closed:
///
///     open ── fails ──▶ failed ── back-off, a new socket ──▶ open
///       └───── close ─────┴──▶ closed
///
/// NIO's channel watches the descriptor and owns it. The bulk goes around its pipeline: an envelope per packet costs
/// more than all of PGM, and a datagram channel that cannot send, because a cable was pulled, closes
/// (docs/decisions/0008-packets-go-around-the-pipeline.md).
final class PacketPort: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    private enum Phase {
        /// The channel comes a moment after the socket.
        case open((any Channel)?, since: NIODeadline)
        case failed(Scheduled<Void>?)
        case closed
    }

    let loop: any EventLoop
    private let socket: PortSocket
    private let buffer: PacketBuffer
    // Confined to `loop`.
    private weak var owner: (any PacketPortOwner)?
    private var phase = Phase.closed
    private var backOff = BackOff()
    private var failure: (any Error)?
    private var sender: PacketSender
    /// Octets that the kernel granted for what waits to be read.
    private(set) var grantedByteCount = 0
    private var isReading = true
    /// Octets that were read since the end of a pause; `nil` when what had waited in the kernel is read.
    private var caughtUpByteCount: Int?
    /// Packets keep coming: the kernel need not wake us for each, which costs whoever sends more than the packet.
    private var isResting = false
    private var isLookScheduled = false
    /// Datagrams that did not fit a slot or had an invalid IP header.
    private(set) var brokenDatagramCount = 0

    /// Opens the socket; call it on `loop`.
    init(
        _ socket: PortSocket,
        buffer: PacketBuffer,
        loop: any EventLoop,
        owner: any PacketPortOwner
    ) throws(EndpointError) {
        loop.assertInEventLoop()
        self.loop = loop
        self.socket = socket
        self.owner = owner
        self.buffer = buffer
        sender = PacketSender(cutsSegments: socket.link.carrier == .udp)
        try open()
    }

    private func open() throws(EndpointError) {
        let fresh = try socket.open()
        grantedByteCount = fresh.receiveByteCount
        let offload = socket.link.carrier == .udp && fresh.enableReceiveOffload()
        let descriptor = fresh.release()
        sender.descriptor = descriptor
        phase = .open(nil, since: .now())
        DatagramBootstrap(group: loop)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: PacketBuffer.slotByteCount)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if offload {
                        try channel.syncOptions?.setOption(.datagramReceiveSegmentSize, value: true)
                    }
                    try channel.pipeline.syncOperations.addHandler(self)
                }
            }
            .withBoundSocket(descriptor)
            .whenComplete { self.handleOpened($0) }
    }

    private func handleOpened(_ result: Result<any Channel, any Error>) {
        switch (result, phase) {
        case (.success(let channel), .open(_, let since)):
            phase = .open(channel, since: since)
            applyReading()
        case (.success(let channel), .failed), (.success(let channel), .closed):
            channel.close(promise: nil)
        case (.failure(let error), _):
            failure = error
            handleFailure()
        }
    }

    private var isOpen: Bool { if case .open = phase { true } else { false } }

    var channel: (any Channel)? { if case .open(let channel, _) = phase { channel } else { nil } }

    private var isClosed: Bool { if case .closed = phase { true } else { false } }

    /// Negative while there is no socket.
    var descriptor: CInt { sender.descriptor }

    /// Stops or resumes taking packets; what arrives meanwhile waits in the kernel, as far as there is room.
    /// Afterwards `portDidCatchUp` tells when that has been read.
    func setReading(_ isReading: Bool) {
        loop.assertInEventLoop()
        guard self.isReading != isReading else { return }
        self.isReading = isReading
        guard isOpen else { return }
        guard isReading else {
            caughtUpByteCount = nil
            applyReading()
            return
        }
        caughtUpByteCount = 0
        // We look ourselves: nothing wakes us for what came long ago, and NIO is not asked about a port that rests.
        isResting = true
        scheduleLook(in: .zero)
    }

    /// Between the end of a pause and `portDidCatchUp`.
    var isCatchingUp: Bool { caughtUpByteCount != nil }

    func close() {
        loop.assertInEventLoop()
        let last = phase
        phase = .closed
        sender.descriptor = -1
        owner = nil
        switch last {
        case .open(let channel, _): channel?.close(promise: nil)
        case .failed(let retry): retry?.cancel()
        case .closed: break
        }
    }

    private func applyReading() {
        guard let channel, channel.isActive else { return }
        try? channel.syncOptions?.setOption(.autoRead, value: isReading && !isResting)
    }

    private func handleFailure() {
        guard case .open(_, let since) = phase else { return }
        // One that fails as soon as it is open has not succeeded.
        if since + Self.lifeMinimum < .now() { backOff.handleSuccess() }
        phase = .failed(nil)
        sender.descriptor = -1
        isResting = false
        let wasCatchingUp = isCatchingUp
        caughtUpByteCount = nil
        let reason = (failure as? IOError)?.explanation ?? failure.map { "\($0)" }
        failure = nil
        scheduleReopening()
        owner?.port(self, didFail: reason ?? "the kernel has ended it")
        if wasCatchingUp { owner?.portDidCatchUp(self) }
    }

    private func scheduleReopening() {
        let wait = backOff.next(randomness: .random(in: .min ... .max))
        phase = .failed(
            loop.scheduleTask(in: .nanoseconds(wait.nanoseconds)) { self.reopen() }
        )
    }

    private func reopen() {
        guard case .failed = phase else { return }
        do throws(EndpointError) {
            try open()
            owner?.portDidReopen(self)
        } catch {
            scheduleReopening()
        }
    }

    private static let lifeMinimum = TimeAmount.seconds(10)
}

// MARK: - Receiving

extension PacketPort {
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let envelope = unwrapInboundIn(data)
        guard
            let sender = envelope.remoteAddress.withSockAddr({ address, _ in
                NetworkAddress(address)
            })
        else { return }
        envelope.data.withUnsafeReadableBytes { bytes in
            deliver(bytes, from: sender, segmentByteCount: envelope.metadata?.segmentSize ?? 0)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        let count = 1 + drainKernel()
        owner?.portDidEndRead(self)
        // A single packet now and then is not worth a timer.
        if count > 1 { rest(after: count) }
    }

    private func rest(after count: Int) {
        guard isOpen, isReading else { return endRest() }
        if !isResting {
            isResting = true
            applyReading()
        }
        // There may be more already when a bound ended the reading.
        let isBehind = count >= Self.datagramCountPerWakeMax
        scheduleLook(in: isBehind ? .zero : Self.restTime)
    }

    private func scheduleLook(in delay: TimeAmount) {
        guard !isLookScheduled else { return }
        isLookScheduled = true
        loop.scheduleTask(in: delay) { self.lookAgain() }
    }

    private func lookAgain() {
        isLookScheduled = false
        guard isOpen, isReading else { return endRest() }
        let count = drainKernel()
        if count > 0 { owner?.portDidEndRead(self) }
        endCatchUp(after: count)
        guard count > 0 else { return endRest() }
        rest(after: count)
    }

    /// What had waited is read when the kernel is empty, or when as much has come as it has room for: what comes faster
    /// than it is read came later.
    private func endCatchUp(after count: Int) {
        guard isReading, let byteCount = caughtUpByteCount,
            count < Self.datagramCountPerWakeMax || byteCount >= grantedByteCount
        else { return }
        caughtUpByteCount = nil
        owner?.portDidCatchUp(self)
    }

    private func endRest() {
        guard isResting else { return }
        isResting = false
        applyReading()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A failed receive tells of an earlier send; the channel closes by itself when it must.
        failure = error
    }

    func channelInactive(context: ChannelHandlerContext) {
        handleFailure()
    }

    /// Reads what is waiting right now. A loop that is busy sending would otherwise get to reading late, and repairs would wait.
    func readNow() {
        loop.assertInEventLoop()
        guard isOpen, isReading else { return }
        let count = drainKernel()
        guard count > 0 else { return }
        owner?.portDidEndRead(self)
        // NIO may have been told already that there is something to read, and would find nothing, which it takes for a
        // fault: a port that rests is not asked about.
        rest(after: count)
    }

    /// Takes what waits, in batches, up to a bound: the loop has other work, and comes back for the rest. Gives how
    /// many datagrams there were.
    private func drainKernel() -> Int {
        var total = 0
        while total < Self.datagramCountPerWakeMax, isOpen, isReading {
            let count = buffer.receive(from: descriptor)
            for index in 0..<count {
                guard let datagram = buffer.datagram(index) else {
                    brokenDatagramCount += 1
                    continue
                }
                if let byteCount = caughtUpByteCount {
                    caughtUpByteCount = byteCount + datagram.bytes.count
                }
                deliver(
                    datagram.bytes,
                    from: datagram.sender,
                    segmentByteCount: datagram.segmentByteCount
                )
            }
            total += count
            if count < PacketBuffer.slotCount { break }
        }
        return total
    }

    private func deliver(
        _ bytes: UnsafeRawBufferPointer,
        from sender: NetworkAddress,
        segmentByteCount: Int
    ) {
        guard segmentByteCount == 0 || segmentByteCount >= bytes.count else {
            var offset = 0
            while offset < bytes.count {
                let end = min(bytes.count, offset + segmentByteCount)
                let packet = UnsafeRawBufferPointer(rebasing: bytes[offset..<end])
                owner?.port(self, didReceive: packet, from: sender)
                offset = end
            }
            return
        }
        // Raw IPv4 sockets show the IP header.
        guard socket.link.carrier == .raw, socket.link.isV4 else {
            owner?.port(self, didReceive: bytes, from: sender)
            return
        }
        // The low half of the first octet counts the header's 32-bit words (RFC 791).
        let headerByteCount = bytes.isEmpty ? 0 : 4 * Int(bytes[0] & 15)
        guard headerByteCount >= 20, headerByteCount <= bytes.count else {
            brokenDatagramCount += 1
            return
        }
        let packet = UnsafeRawBufferPointer(rebasing: bytes[headerByteCount...])
        owner?.port(self, didReceive: packet, from: sender)
    }

    private static let datagramCountPerWakeMax = 16 * PacketBuffer.slotCount
    /// Short against the times of PGM, long against a packet's.
    private static let restTime = TimeAmount.microseconds(150)
}

// MARK: - Sending

extension PacketPort {
    /// Whether the kernel cuts datagrams for us; it may turn out that it does not.
    var cutsSegments: Bool { sender.cutsSegments }

    /// The packets that did not leave since the last call.
    func takeRefusals() -> (packetCount: Int, reason: String)? { sender.takeRefusals() }

    func send(_ datagrams: [xylem_outgoing], to target: KernelAddress) -> PacketSender.Sent {
        loop.assertInEventLoop()
        return isClosed ? .all : sender.send(datagrams, to: target)
    }

    @discardableResult
    func send(_ packet: UnsafeRawBufferPointer, to target: KernelAddress) -> PacketSender.Sent {
        isClosed ? .all : sender.send(packet, to: target)
    }
}
