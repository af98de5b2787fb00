import PGM
import Simulation
import Wire

/// A source as a shell runs it: the core, and the packets it has sent.
struct SimulatedSource {
    var core: Source
    let node: NodeID
    let group: GroupID
    private var stored: [SequenceNumber: [UInt8]] = [:]
    private let writer: DataPacket
    private let groupSize: Int
    private let code: ReedSolomon?
    /// What is to be sent as soon as the rate allows.
    var pendingCount = 0
    /// The application is done; the end follows the last packet.
    var isFinishing = false
    var alarmAt: Int64 = .max

    init(
        _ options: SourceOptions,
        session: TransportSessionID,
        node: NodeID,
        group: GroupID,
        first: SequenceNumber,
        at now: Instant
    ) {
        self.node = node
        self.group = group
        groupSize = options.parity?.groupSize ?? 0
        code = options.parity.map { ReedSolomon(groupSize: $0.groupSize) }
        writer = DataPacket(sessionID: session, dataPort: SimulatedGroup.dataPort)
        core = Source(
            options,
            sessionID: session,
            dataPort: SimulatedGroup.dataPort,
            address: SimulatedGroup.address(of: node),
            group: SimulatedGroup.address(of: group),
            firstNumber: first,
            at: now
        )
    }

    /// Sends as much of what is pending as the rate allows; the packets to multicast.
    mutating func pump(at now: Instant) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        while pendingCount > 0 {
            let payload = Journal.payload(core.lead + 1, of: core.sessionID)
            guard let fields = core.admit(byteCount: 24 + payload.count, at: now) else { break }
            pendingCount -= 1
            let options = core.dataOptions
            var packet = [UInt8](repeating: 0, count: DataPacket.headerByteCount(options: options))
            packet.append(contentsOf: payload)
            packet.withUnsafeMutableBytes {
                writer.write(.odata, fields, options: options, into: $0)
            }
            stored[fields.sequence] = packet
            stored[core.trail - 1 - groupSize] = nil
            packets.append(packet)
            packets.append(contentsOf: drain())
        }
        if isFinishing, pendingCount == 0 { core.finish(at: now) }
        return packets + drain()
    }

    mutating func handle(_ octets: [UInt8], at now: Instant) -> [[UInt8]] {
        octets.withUnsafeBytes { bytes in
            guard let view = try? PacketView(bytes), view.verifyChecksum() == .valid else {
                return []
            }
            guard core.handle(view, at: now) == .confirm else { return drain() }
            var confirmation = [UInt8](repeating: 0, count: bytes.count)
            confirmation.withUnsafeMutableBytes {
                _ = DataPacket.writeConfirmation(of: view, into: $0)
            }
            return [confirmation] + drain()
        }
    }

    mutating func handleTimeout(at now: Instant) -> [[UInt8]] {
        core.handleTimeout(at: now)
        return drain() + pump(at: now)
    }

    /// When something is due, with data that waits for the rate.
    var deadline: Instant {
        pendingCount > 0 ? min(core.deadline, core.admissionTime) : core.deadline
    }

    mutating func drain() -> [[UInt8]] {
        var packets: [[UInt8]] = []
        while let directive = core.nextDirective() {
            switch directive {
            case .sendSPM(let fields, let options):
                packets.append(
                    Packet(
                        .spm,
                        of: core.sessionID,
                        dataPort: SimulatedGroup.dataPort,
                        body: .spm(fields),
                        options: options
                    ).encoded()
                )
            case .sendRepair(let fields):
                guard var packet = stored[fields.sequence] else { continue }
                packet.withUnsafeMutableBytes { DataPacket.makeRepair(in: $0, trail: fields.trail) }
                packets.append(packet)
            case .sendParity(let request):
                if let packet = parity(request) { packets.append(packet) }
            }
        }
        return packets
    }

    private func parity(_ request: ParityRequest) -> [UInt8]? {
        let payloads = (0..<request.groupSize).compactMap { step in
            stored[request.group + step].flatMap { packet in
                packet.withUnsafeBytes { try? Array(PacketView($0).payload) }
            }
        }
        guard payloads.count == request.groupSize else { return nil }
        let hasLengths = Set(payloads.map(\.count)).count > 1
        let longest = payloads.map(\.count).max() ?? 0
        let header = DataPacket.headerByteCount(options: request.options)
        var packet = [UInt8](
            repeating: 0,
            count: header + ReedSolomon.parityByteCount(longest: longest, hasLengths: hasLengths)
        )
        let copies = payloads.map { payload in
            let copy = UnsafeMutableRawBufferPointer.allocate(
                byteCount: payload.count,
                alignment: 1
            )
            copy.copyBytes(from: payload)
            return UnsafeRawBufferPointer(copy)
        }
        defer { copies.forEach { $0.deallocate() } }
        packet.withUnsafeMutableBytes { bytes in
            code?.encode(
                parity: request.index,
                of: copies,
                hasLengths: hasLengths,
                into: UnsafeMutableRawBufferPointer(rebasing: bytes[header...])
            )
            writer.write(
                request.type,
                request.fields,
                flags: hasLengths ? [.parity, .variableLength] : [.parity],
                options: request.options,
                into: bytes
            )
        }
        return packet
    }
}
