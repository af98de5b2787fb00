import Vocabulary
import CDatagrams
import Glibc
import NIOCore
import NIOPosix
import PGM

/// Who uses a port; every call comes on the port's loop.
protocol PacketPortOwner: AnyObject {
    /// One PGM packet, without the headers of IP and UDP. The octets are valid during the call only.
    func port(
        _ port: PacketPort,
        didReceive packet: UnsafeRawBufferPointer,
        from sender: NetworkAddress
    )
    /// Everything that had arrived has been handed over, or as much as is good at a time.
    func portDidEndRead(_ port: PacketPort)
    /// After a pause: what had waited in the kernel has been handed over.
    func portDidCatchUp(_ port: PacketPort)
    func port(_ port: PacketPort, didClose error: (any Error)?)
}

/// A socket for packets on an event loop.
///
///     kernel ─▶ channel: wakes us with the first packet ─▶ recvmmsg until there are none ─▶ owner
///                          ▲      packets keep coming: look again after a rest ◀──┘
///                          └── none came
///
///     owner ─▶ sendmmsg, with segmentation offload ─▶ kernel
///
/// NIO's channel watches the descriptor and owns it. The bulk goes around its pipeline: an envelope per packet costs
/// more than all of PGM, and a datagram channel that cannot send, because a cable was pulled, closes
/// (docs/decisions/0008-packets-go-around-the-pipeline.md).
final class PacketPort: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = AddressedEnvelope<ByteBuffer>

    let loop: any EventLoop
    private let descriptor: CInt
    private let carrier: DatagramSocket.Carrier
    /// Raw IPv4 sockets show the IP header.
    private let showsIPHeader: Bool
    private let buffer: PacketBuffer
    // Confined to `loop`.
    private weak var owner: (any PacketPortOwner)?
    private var channel: (any Channel)?
    private var isOpen = true
    private var isReading = true
    /// Octets that were read since the end of a pause; `nil` when what had waited in the kernel is read.
    private var caughtUpByteCount: Int?
    private let backlogByteCountMax: Int
    /// Packets keep coming: the kernel need not wake us for each, which costs whoever sends more than the packet.
    private var isResting = false
    private var isLookScheduled = false
    private var segmentation: Bool
    private var failure: (any Error)?
    /// Datagrams that were larger than a slot, or whose IP header makes no sense.
    private(set) var brokenDatagramCount = 0
    /// Datagrams the kernel refused to send, and why it refused the last of them.
    private var refusedDatagramCount = 0
    private var lastRefusal: CInt = 0

    init(
        _ socket: consuming DatagramSocket,
        carrier: DatagramSocket.Carrier,
        family: NetworkAddress.Family,
        buffer: PacketBuffer,
        backlogByteCountMax: Int,
        loop: any EventLoop,
        owner: any PacketPortOwner
    ) {
        self.loop = loop
        self.backlogByteCountMax = backlogByteCountMax
        self.carrier = carrier
        self.owner = owner
        self.buffer = buffer
        showsIPHeader = carrier == .raw && family == .v4
        segmentation = carrier == .udp
        let offload = carrier == .udp && socket.enableReceiveOffload()
        descriptor = socket.release()
        open(receiveOffload: offload)
    }

    private func open(receiveOffload: Bool) {
        DatagramBootstrap(group: loop)
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator,
                value: FixedSizeRecvByteBufferAllocator(capacity: PacketBuffer.slotByteCount)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if receiveOffload {
                        try channel.syncOptions?.setOption(.datagramReceiveSegmentSize, value: true)
                    }
                    try channel.pipeline.syncOperations.addHandler(self)
                }
            }
            .withBoundSocket(descriptor)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    guard self.isOpen else { return channel.close(promise: nil) }
                    self.channel = channel
                    self.applyReading()
                case .failure(let error):
                    self.failure = error
                    self.finish()
                }
            }
    }

    /// Stops or resumes taking packets; what arrives meanwhile waits in the kernel, as far as there is room.
    /// Afterwards `portDidCatchUp` tells when that has been read.
    func setReading(_ isReading: Bool) {
        loop.assertInEventLoop()
        guard isOpen, self.isReading != isReading else { return }
        self.isReading = isReading
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
        guard isOpen else { return }
        isOpen = false
        channel?.close(promise: nil)
    }

    private func applyReading() {
        guard channel?.isActive == true else { return }
        try? channel?.syncOptions?.setOption(.autoRead, value: isReading && !isResting)
    }

    private func finish() {
        let owner = owner
        self.owner = nil
        isOpen = false
        channel = nil
        owner?.port(self, didClose: failure)
    }
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
        // One packet now and then is not worth a timer.
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
            count < Self.datagramCountPerWakeMax || byteCount >= backlogByteCountMax
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
        finish()
    }

    /// Takes what waits now. A loop that is busy sending does not come round to reading, and repairs would wait.
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
        guard showsIPHeader else {
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
    /// What became of a send.
    enum Sent {
        case all
        /// The kernel has no room: the packets from that index on did not leave.
        case from(Int)
    }

    /// Whether the kernel cuts datagrams for us; it may turn out that it does not.
    var cutsSegments: Bool { segmentation }

    /// The datagrams that the kernel refused since the last call.
    func takeRefusals() -> (count: Int, reason: String)? {
        guard refusedDatagramCount > 0 else { return nil }
        defer { refusedDatagramCount = 0 }
        return (refusedDatagramCount, String(cString: strerror(lastRefusal)))
    }

    /// Sends datagrams to one place. What the kernel refuses for another reason than want of room is as good as lost on
    /// the way, and counted.
    func send(_ datagrams: [xylem_outgoing], to target: KernelAddress) -> Sent {
        guard isOpen else { return .all }
        return datagrams.withUnsafeBufferPointer { all in
            var start = 0
            while start < all.count {
                let rest = UnsafeBufferPointer(rebasing: all[start...])
                let count = target.withPointer { address in
                    xylem_send(
                        descriptor,
                        address,
                        UInt32(target.byteCount),
                        rest.baseAddress,
                        UInt32(rest.count)
                    )
                }
                if count > 0 {
                    start += Int(count)
                    continue
                }
                switch -count {
                case EINTR: continue
                case EAGAIN, ENOBUFS, ENOMEM: return .from(start)
                case EINVAL where rest[0].segment_byte_count > 0,
                    EIO where rest[0].segment_byte_count > 0:
                    segmentation = false
                    if case .from = sendSegments(of: rest[0], to: target) { return .from(start) }
                default:
                    refusedDatagramCount += 1
                    lastRefusal = -count
                }
                start += 1
            }
            return .all
        }
    }

    /// Cuts by hand what the kernel does not cut.
    private func sendSegments(of datagram: xylem_outgoing, to target: KernelAddress) -> Sent {
        guard let base = datagram.bytes else { return .all }
        let step = Int(datagram.segment_byte_count)
        let segments = stride(from: 0, to: datagram.byte_count, by: step).map { offset in
            xylem_outgoing(
                bytes: base + offset,
                byte_count: min(step, datagram.byte_count - offset),
                segment_byte_count: 0
            )
        }
        // Some may be sent twice when there is no room in the middle: receivers know duplicates.
        return send(segments, to: target)
    }

    /// Sends one packet to one place.
    @discardableResult
    func send(_ packet: UnsafeRawBufferPointer, to target: KernelAddress) -> Sent {
        send(
            [
                xylem_outgoing(
                    bytes: packet.baseAddress,
                    byte_count: packet.count,
                    segment_byte_count: 0
                )
            ],
            to: target
        )
    }
}
