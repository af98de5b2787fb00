package import Vocabulary
package import NIOCore
package import PGM
import Wire

/// The consumer of a receiver; every call is made on the receiver's loop.
package protocol MulticastReceiverHandler: AnyObject {
    /// Whole messages of one source, in order.
    func receiver(
        _ receiver: MulticastReceiver,
        didReceive run: ByteBuffer,
        messageCount: Int,
        from source: MulticastPeer
    )
    /// Called in stream order: all messages before the loss have been handed over.
    func receiver(_ receiver: MulticastReceiver, didLose loss: MulticastLoss)
    /// The packets of one wake-up have been processed.
    func receiverDidEndRead(_ receiver: MulticastReceiver)
}

/// Hears the groups of an endpoint and all their sources: a PGM receiver on an event loop.
///
///     kernel ─▶ packets ─▶ core ─▶ in order ─▶ opener ─▶ framing ─▶ runs ─▶ handler
///                           │ └─ too early ─▶ store ──▲
///                           └─ NAKs, SPMRs ─▶ kernel
///
/// Confined to its loop. No packet can stop a receiver.
package final class MulticastReceiver: @unchecked Sendable {
    package let link: MulticastLink
    package let loop: any EventLoop
    var core: Receiver
    /// By the core's index.
    var followed: ContiguousArray<FollowedSource?> = []
    private(set) var ports: [PacketPort] = []
    private var groups: [NetworkAddress] = []
    private var requests: PacketPort?
    private let requestTarget: [KernelAddress]
    private weak var handler: (any MulticastReceiverHandler)?
    private let messageByteCountMax: Int
    private var opener: PayloadOpener?
    private var refusals = RefusalLog()
    private var unsent = RefusalLog()
    private var timer: Scheduled<Void>?
    private var timerDeadline = NIODeadline.distantFuture
    private var isClosed = false
    private var isReading = true
    private let observe: @Sendable (SocketEvent) -> Void
    /// Messages and octets that arrived.
    package private(set) var received = TrafficCount()

    /// Opens the sockets; call it on `loop`. The handler is held weakly.
    package init(
        _ link: MulticastLink,
        messageByteCountMax: Int = .max,
        loop: any EventLoop,
        handler: any MulticastReceiverHandler,
        observe: @escaping @Sendable (SocketEvent) -> Void
    ) throws(EndpointError) {
        loop.assertInEventLoop()
        self.link = link
        self.loop = loop
        self.handler = handler
        self.observe = observe
        self.messageByteCountMax = messageByteCountMax
        opener = link.options.seal.map { PayloadOpener($0) }
        core = Receiver(
            link.options.receiverOptions(packetByteCountMax: link.packetByteCountMax),
            seed: .random(in: .min ... .max)
        )
        requestTarget = link.address.groups.map { link.kernelAddress($0) }
        do throws(EndpointError) {
            try open()
        } catch {
            closePorts()
            throw error
        }
    }

    private func open() throws(EndpointError) {
        let buffer = PacketBuffer()
        let kernelByteCount = link.options.kernelByteCount
        // All sockets first: an endpoint works as a whole or not at all.
        requests = try PacketPort(
            PortSocket(link: link, role: .requests, filter: .nothing),
            buffer: buffer,
            loop: loop,
            owner: self
        )
        for group in link.address.groups {
            let port = try PacketPort(
                PortSocket(
                    link: link,
                    role: .group(group),
                    buffers: (receive: kernelByteCount, send: 1 << 16)
                ),
                buffer: buffer,
                loop: loop,
                owner: self
            )
            ports.append(port)
            groups.append(group)
        }
        for (port, group) in zip(ports, groups) {
            if port.grantedByteCount < kernelByteCount / 2 {
                report(.smallBuffer(asked: kernelByteCount, granted: port.grantedByteCount))
            }
            report(
                .opened(
                    interface: link.interface.name,
                    group: link.text(of: group),
                    packetByteCountMax: link.packetByteCountMax
                )
            )
        }
    }

    /// The counters of the PGM core.
    package var receiverCounters: ReceiverCounters { core.counters }
    package var repairTimes: RepairTimes { core.repairTimes }

    /// Packets that could not be used.
    package var refusedPacketCount: Int { refusals.totalCount }

    /// Requests that the kernel did not send.
    package var unsentPacketCount: Int { unsent.totalCount }

    /// Stops or resumes taking packets. Meanwhile they wait in the kernel as far as it has room, and PGM's timers rest;
    /// afterwards what waited is read first, and then what found no room is asked for.
    package func setReading(_ isReading: Bool) {
        loop.assertInEventLoop()
        guard !isClosed, self.isReading != isReading else { return }
        self.isReading = isReading
        if !isReading {
            core.handlePause(at: .now)
            timer?.cancel()
            timer = nil
        }
        for port in ports { port.setReading(isReading) }
    }

    package func close() {
        loop.assertInEventLoop()
        guard !isClosed else { return }
        isClosed = true
        timer?.cancel()
        closePorts()
        followed = []
    }

    private func closePorts() {
        for port in ports { port.close() }
        requests?.close()
    }

    func report(_ event: MulticastEvent) {
        observe(.multicast(link.endpoint, event))
    }

    func refuse(_ reason: String) {
        if let count = refusals.count(reason, at: Instant.now.nanoseconds) {
            report(.refused(packetCount: count, reason: reason))
        }
    }
}

// MARK: - Packets

extension MulticastReceiver: PacketPortOwner {
    func port(
        _ port: PacketPort,
        didReceive packet: UnsafeRawBufferPointer,
        from sender: NetworkAddress
    ) {
        guard !isClosed, let group = group(of: port) else { return }
        if link.options.packetFilter?(packet) == false { return }
        let view: PacketView
        do {
            view = try PacketView(packet)
        } catch {
            return refuse("\(error)")
        }
        // Raw sockets also see sessions on other ports of the group; with UDP the kernel has sorted them out.
        guard view.dataPort == link.address.port else { return }
        switch view.verifyChecksum() {
        case .valid: break
        case .invalid: return refuse("wrong checksum")
        case .absent:
            guard !view.type.isData else { return refuse("data without a checksum") }
        }
        if view.type.isData, opener != nil {
            handleSealed(view, from: sender, to: group)
        } else {
            handle(view, payload: view.payload, from: sender, to: group)
        }
    }

    private func group(of port: PacketPort) -> NetworkAddress? {
        if ports.count == 1 { return ports[0] === port ? groups[0] : nil }
        return ports.firstIndex { $0 === port }.map { groups[$0] }
    }

    /// Opens the payload before the core sees the packet, so that a forged packet cannot take the number of a genuine one.
    private func handleSealed(
        _ view: PacketView,
        from sender: NetworkAddress,
        to group: NetworkAddress
    ) {
        let opened = opener?.open(view.payload, of: view.sessionID, number: view.sequence)
        switch opened {
        case .success(let plain):
            plain.withUnsafeBytes { handle(view, payload: $0, from: sender, to: group) }
        case .failure(let failure): refuse(failure.rawValue)
        case nil: break
        }
    }

    private func handle(
        _ view: PacketView,
        payload: UnsafeRawBufferPointer,
        from sender: NetworkAddress,
        to group: NetworkAddress
    ) {
        let reception = core.handle(view, from: sender, to: group, at: .now)
        switch reception {
        case .deliver(let id):
            keepForParity(payload, number: view.sequence, of: id)
            deliver(payload, number: view.sequence, of: id)
        case .hold(let id):
            // The core returns the first packet of a source before its `.peerAppeared`.
            if source(id) == nil { makeFollowed(id) }
            source(id)?.keep(payload, as: view.sequence, ring: core.windowPacketCount)
        case .holdParity(let id, let group, let index):
            if source(id) == nil { makeFollowed(id) }
            source(id)?.keepParity(
                payload,
                group: group,
                index: index,
                ring: core.windowPacketCount
            )
        case .done: break
        }
        handleDirectives()
    }

    /// With parity, every packet of a group may be needed to reconstruct a lost one.
    private func keepForParity(
        _ payload: UnsafeRawBufferPointer,
        number: SequenceNumber,
        of id: PeerID
    ) {
        guard let oldest = core.oldestNeeded(of: id), let source = source(id) else { return }
        source.keep(payload, as: number, ring: core.windowPacketCount)
        source.forget(before: oldest)
    }

    func source(_ id: PeerID) -> FollowedSource? {
        followed.indices.contains(id.index) ? followed[id.index] : nil
    }

    func portDidEndRead(_ port: PacketPort) {
        guard !isClosed else { return }
        for index in followed.indices where followed[index]?.hasWholeMessages == true {
            handOver(index)
        }
        schedule()
        handler?.receiverDidEndRead(self)
    }

    func portDidCatchUp(_ port: PacketPort) {
        guard !isClosed, isReading, !ports.contains(where: \.isCatchingUp) else { return }
        core.handleResume(at: .now)
        schedule()
    }

    func port(_ port: PacketPort, didFail reason: String) {
        report(.interrupted(reason: reason))
    }

    func portDidReopen(_ port: PacketPort) {
        report(.reopened)
    }
}

// MARK: - Messages

extension MulticastReceiver {
    /// Feeds a payload that is next in order to the framing.
    func deliver(_ payload: UnsafeRawBufferPointer, number: SequenceNumber, of id: PeerID) {
        guard let source = source(id) else { return }
        if let violation = source.decode(payload) {
            handOver(id.index)
            lose(
                MulticastLoss(
                    source: source.peer,
                    firstSequence: number,
                    packetCount: 1,
                    cause: .malformed(violation)
                )
            )
        }
        if source.isFull { handOver(id.index) }
    }

    /// Gives the whole messages of a source to the handler.
    func handOver(_ index: Int) {
        guard let source = followed[index], let (run, messageCount) = source.takeRun() else {
            return
        }
        received.messageCount += messageCount
        received.byteCount += run.readableBytes
        handler?.receiver(self, didReceive: run, messageCount: messageCount, from: source.peer)
    }

    func lose(_ loss: MulticastLoss) {
        report(.loss(loss))
        handler?.receiver(self, didLose: loss)
    }

    func makeFollowed(_ id: PeerID) {
        guard let info = core.info(of: id) else { return }
        while followed.count <= id.index { followed.append(nil) }
        let source = FollowedSource(
            peer: MulticastPeer(
                sessionID: info.sessionID,
                address: info.address.description,
                group: "\(info.group.endpointText):\(info.dataPort)"
            ),
            messageByteCountMax: messageByteCountMax
        )
        followed[id.index] = source
        report(.sourceAppeared(source.peer))
    }
}

// MARK: - Time and requests

extension MulticastReceiver {
    func send(_ packet: Packet, to target: NetworkAddress) {
        let address = link.kernelAddress(target)
        packet.encoded().withUnsafeBytes { bytes in
            _ = requests?.send(bytes, to: address)
        }
        if let (count, reason) = requests?.takeRefusals(),
            let news = unsent.count(reason, count, at: Instant.now.nanoseconds)
        {
            report(.unsent(packetCount: news, reason: reason))
        }
    }

    func multicast(_ packet: Packet, to group: NetworkAddress) {
        guard let index = link.address.groups.firstIndex(of: group) else { return }
        packet.encoded().withUnsafeBytes { bytes in
            _ = requests?.send(bytes, to: requestTarget[index])
        }
    }

    private func handleTimer() {
        timer = nil
        guard !isClosed else { return }
        core.handleTimeout(at: .now)
        handleDirectives()
        for index in followed.indices where followed[index]?.hasWholeMessages == true {
            handOver(index)
        }
        handler?.receiverDidEndRead(self)
        schedule()
    }

    private static let timerPause = TimeAmount.microseconds(100)

    private func schedule() {
        guard !isClosed, let due = core.deadline else { return }
        // Never immediately: a loop runs all timers that are due before it reads, and forged sessions could keep timers due
        // for ever.
        let deadline = max(NIODeadline(due), .now() + Self.timerPause)
        if timer != nil {
            guard deadline < timerDeadline else { return }
            timer?.cancel()
        }
        timerDeadline = deadline
        timer = loop.scheduleTask(deadline: deadline) { self.handleTimer() }
    }
}
