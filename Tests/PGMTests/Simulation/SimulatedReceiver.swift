import Vocabulary
import PGM
import Simulation
import Wire

/// A receiver as a shell runs it: the core, the payloads it holds, and the journals of what its application learned.
struct SimulatedReceiver {
    struct Outgoing {
        var packet: [UInt8]
        var isMulticast: Bool
        var destination: NetworkAddress
    }

    private struct ParityKey: Hashable {
        var peer: PeerID
        var group: SequenceNumber
        var index: Int
    }

    private struct Key: Hashable {
        var peer: PeerID
        var number: SequenceNumber
    }

    var core: Receiver
    let node: NodeID
    var journals: [Journal] = []
    private var journalOf: [PeerID: Int] = [:]
    private var held: [Key: [UInt8]] = [:]
    private var parity: [ParityKey: [UInt8]] = [:]
    private var codes: [Int: ReedSolomon] = [:]
    var alarmAt: Int64 = .max
    /// Payloads that the core asked for and that were not there.
    var missingPayloadCount = 0

    /// A packet that waits in the kernel.
    private struct Waiting {
        var octets: [UInt8]
        var source: NetworkAddress
        var group: NetworkAddress
    }

    /// Packets that the kernel keeps while nothing is read; `nil` while packets are read.
    private var kernelPacketCountMax: Int?
    private var backlog: [Waiting] = []
    /// Packets for which the kernel had no room.
    private(set) var droppedPacketCount = 0

    init(_ options: ReceiverOptions, node: NodeID, seed: UInt64) {
        self.node = node
        core = Receiver(options, seed: seed)
    }

    mutating func pause(kernelPacketCount: Int, at now: Instant) {
        kernelPacketCountMax = kernelPacketCount
        core.handlePause(at: now)
    }

    /// Reads what has waited in the kernel; only then the core's time goes on.
    mutating func resume(at now: Instant) -> [Outgoing] {
        kernelPacketCountMax = nil
        defer { backlog = [] }
        let outgoing = backlog.flatMap { read($0.octets, from: $0.source, to: $0.group, at: now) }
        core.handleResume(at: now)
        return outgoing
    }

    mutating func handle(
        _ octets: [UInt8],
        from source: NetworkAddress,
        to group: NetworkAddress,
        at now: Instant
    ) -> [Outgoing] {
        guard let kernelPacketCountMax else {
            return read(octets, from: source, to: group, at: now)
        }
        if backlog.count < kernelPacketCountMax {
            backlog.append(Waiting(octets: octets, source: source, group: group))
        } else {
            droppedPacketCount += 1
        }
        return []
    }

    private mutating func read(
        _ octets: [UInt8],
        from source: NetworkAddress,
        to group: NetworkAddress,
        at now: Instant
    ) -> [Outgoing] {
        octets.withUnsafeBytes { bytes in
            guard let view = try? PacketView(bytes), view.verifyChecksum() == .valid else {
                return []
            }
            switch core.handle(view, from: source, to: group, at: now) {
            case .deliver(let peer):
                let payload = Array(view.payload)
                keep(payload, view.sequence, of: peer, isEarly: false)
                journal(peer) { $0.deliver(view.sequence, payload) }
            case .hold(let peer): keep(Array(view.payload), view.sequence, of: peer, isEarly: true)
            case .holdParity(let peer, let group, let index):
                parity[ParityKey(peer: peer, group: group, index: index)] = Array(view.payload)
            case .done: break
            }
            return drain(at: now)
        }
    }

    private mutating func keep(
        _ payload: [UInt8],
        _ number: SequenceNumber,
        of peer: PeerID,
        isEarly: Bool
    ) {
        guard isEarly || core.oldestNeeded(of: peer) != nil else { return }
        held[Key(peer: peer, number: number)] = payload
    }

    private mutating func journal(_ peer: PeerID, _ change: (inout Journal) -> Void) {
        guard let index = journalOf[peer] else { return }
        change(&journals[index])
    }

    mutating func handleTimeout(at now: Instant) -> [Outgoing] {
        core.handleTimeout(at: now)
        return drain(at: now)
    }

    private mutating func drain(at now: Instant) -> [Outgoing] {
        var outgoing: [Outgoing] = []
        while let directive = core.nextDirective() {
            switch directive {
            case .peerAppeared(let peer):
                guard let info = core.info(of: peer) else { continue }
                journalOf[peer] = journals.count
                journals.append(Journal(session: info.sessionID))
            case .deliverHeld(let peer, let range): deliverHeld(range, of: peer)
            case .reportLoss(let peer, let range): journal(peer) { $0.lose(range) }
            case .reconstruct(let peer, let task): reconstruct(task, of: peer)
            case .sendNAK(let peer, let request):
                outgoing.append(nak(request, of: peer))
            case .sendSPMR(let peer, let destination):
                guard let info = core.info(of: peer) else { continue }
                let packet = Packet(
                    .spmr,
                    of: info.sessionID,
                    dataPort: info.dataPort,
                    body: .spmr
                ).encoded()
                outgoing.append(
                    Outgoing(packet: packet, isMulticast: true, destination: info.group)
                )
                outgoing.append(
                    Outgoing(packet: packet, isMulticast: false, destination: destination)
                )
            case .sendPOLR: break
            case .peerFinished(let peer): journal(peer) { $0.isFinished = true }
            case .peerReset(let peer, _): journal(peer) { $0.isReset = true }
            case .peerExpired(let peer): journalOf[peer] = nil
            }
        }
        return outgoing
    }

    private mutating func deliverHeld(_ range: SequenceRange, of peer: PeerID) {
        for step in 0..<range.count {
            let key = Key(peer: peer, number: range.first + step)
            guard let payload = held[key] else {
                missingPayloadCount += 1
                continue
            }
            if core.oldestNeeded(of: peer) == nil { held[key] = nil }
            journal(peer) { $0.deliver(key.number, payload) }
        }
    }

    private func nak(_ request: NAKRequest, of peer: PeerID) -> Outgoing {
        let info = core.info(of: peer)
        let list = Array(request.numbers.dropFirst())
        let packet = Packet(
            .nak,
            of: info?.sessionID ?? TransportSessionID(globalSourceID: 0, sourcePort: 0),
            dataPort: info?.dataPort ?? 0,
            body: .nak(
                NAKFields(
                    sequence: request.numbers[0],
                    source: request.source,
                    group: request.group
                )
            ),
            flags: request.isParity ? [.parity] : [],
            options: list.isEmpty ? [] : [PacketOption(.nakList(list))]
        )
        return Outgoing(
            packet: packet.encoded(),
            isMulticast: false,
            destination: request.destination
        )
    }

    private mutating func reconstruct(_ task: Reconstruction, of peer: PeerID) {
        var copies: [UnsafeMutableRawBufferPointer] = []
        defer { copies.forEach { $0.deallocate() } }
        func bytes(_ octets: [UInt8]?) -> UnsafeRawBufferPointer? {
            guard let octets else { return nil }
            let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: octets.count, alignment: 1)
            copy.copyBytes(from: octets)
            copies.append(copy)
            return UnsafeRawBufferPointer(copy)
        }
        if codes[task.groupSize] == nil {
            codes[task.groupSize] = ReedSolomon(groupSize: task.groupSize)
        }
        let payloads = codes[task.groupSize]?.reconstruct(
            task,
            payload: { bytes(held[Key(peer: peer, number: $0)]) },
            parity: { bytes(parity[ParityKey(peer: peer, group: task.group, index: $0)]) }
        )
        if let payloads {
            for (number, payload) in zip(task.missing, payloads) {
                held[Key(peer: peer, number: number)] = payload
            }
        } else {
            missingPayloadCount += 1
        }
        core.handleReconstructed(task, of: peer, succeeded: payloads != nil)
    }
}
