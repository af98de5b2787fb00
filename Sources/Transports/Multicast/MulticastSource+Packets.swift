import Vocabulary
import NIOCore
import PGM
import Wire

/// What receivers send, and what the core answers.
extension MulticastSource: PacketPortOwner {
    func port(
        _ port: PacketPort,
        didReceive packet: UnsafeRawBufferPointer,
        from sender: NetworkAddress
    ) {
        if link.options.packetFilter?(packet) == false { return }
        let view: PacketView
        do {
            view = try PacketView(packet)
        } catch {
            return refuse("\(error)")
        }
        // Our own data, looped back, and that of other sources of the group.
        guard view.type.isUpstream else { return }
        guard view.verifyChecksum() != .invalid else { return refuse("wrong checksum") }
        guard view.sessionID == sessionID, view.dataPort == link.address.port else {
            if isUnicast(port), view.dataPort == link.address.port { passOn(packet) }
            return
        }
        switch core.handle(view, at: .now) {
        case .confirm:
            handleRequest()
            confirm(view)
        case .none: break
        case .refused: break
        }
        handleDirectives()
    }

    func portDidEndRead(_ port: PacketPort) {
        _ = flushBatch()
        schedule()
    }

    func portDidCatchUp(_ port: PacketPort) {}

    func port(_ port: PacketPort, didFail reason: String) {
        report(.interrupted(reason: reason))
    }

    func portDidReopen(_ port: PacketPort) {
        report(.reopened)
    }

    private func refuse(_ reason: String) {
        if let count = refusals.count(reason, at: Instant.now.nanoseconds) {
            report(.refused(packetCount: count, reason: reason))
        }
    }

    private func confirm(_ nak: PacketView) {
        withUnsafeTemporaryAllocation(byteCount: nak.bytes.count, alignment: 8) { memory in
            let byteCount = DataPacket.writeConfirmation(of: nak, into: memory)
            sendNow(UnsafeRawBufferPointer(rebasing: memory[..<byteCount]))
        }
    }

    /// Does what the core wants sent.
    func handleDirectives() {
        while let directive = core.nextDirective() {
            switch directive {
            case .sendSPM(let fields, let options):
                let packet = Packet(
                    .spm,
                    of: sessionID,
                    dataPort: link.address.port,
                    body: .spm(fields),
                    options: options
                )
                packet.encoded().withUnsafeBytes { sendNow($0) }
            case .sendRepair(let fields): sendRepair(fields)
            case .sendParity(let request): sendParity(request)
            }
        }
    }

    /// The stored packet becomes the repair of itself, where it stands.
    private func sendRepair(_ fields: DataFields) {
        guard let packet = store[fields.sequence] else { return }
        DataPacket.makeRepair(in: packet, trail: fields.trail)
        enqueue(packet)
        if batch.datagrams.count >= SendBatch.datagramCountMax { _ = flushBatch() }
    }
}
