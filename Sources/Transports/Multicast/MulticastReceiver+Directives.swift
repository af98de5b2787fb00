import Vocabulary
import NIOCore
import PGM

/// What the core of a receiver wants done.
extension MulticastReceiver {
    func handleDirectives() {
        while let directive = core.nextDirective() { handle(directive) }
    }

    private func handle(_ directive: ReceiverDirective) {
        switch directive {
        case .peerAppeared(let id): if source(id) == nil { makeFollowed(id) }
        case .deliverHeld(let id, let range): deliverHeld(range, of: id)
        case .reportLoss(let id, let range): handleLoss(of: range, id)
        case .reconstruct(let id, let work):
            let succeeded = source(id)?.reconstruct(work) ?? false
            core.handleReconstructed(work, of: id, succeeded: succeeded)
        case .sendNAK(let id, let request): sendNAK(request, id)
        case .sendSPMR(let id, let target): sendRequest(to: target, id)
        case .sendPOLR(let id, let fields, let target):
            guard let info = core.info(of: id) else { return }
            send(
                Packet(.polr, of: info.sessionID, dataPort: info.dataPort, body: .polr(fields)),
                to: target
            )
        case .peerFinished(let id): report(id) { .sourceFinished($0) }
        case .peerReset(let id, let code): report(id) { .sourceReset($0, code: code) }
        case .peerExpired(let id):
            handOver(id.index)
            report(id) { .sourceExpired($0) }
            if followed.indices.contains(id.index) { followed[id.index] = nil }
        }
    }

    private func report(_ id: PeerID, _ event: (MulticastPeer) -> MulticastEvent) {
        guard let source = source(id) else { return }
        report(event(source.peer))
    }

    private func deliverHeld(_ range: SequenceRange, of id: PeerID) {
        guard let source = source(id) else { return }
        for step in 0..<range.count {
            let number = range.first + step
            guard let payload = source.payload(number) else {
                // The reconstruction from parity has failed.
                handleLoss(of: SequenceRange(first: number, count: 1), id)
                continue
            }
            deliver(payload, number: number, of: id)
            source.release(number)
        }
        if let oldest = core.oldestNeeded(of: id) { source.forget(before: oldest) }
    }

    private func handleLoss(of range: SequenceRange, _ id: PeerID) {
        guard let source = source(id) else { return }
        // Messages from before the loss must be handed over first.
        handOver(id.index)
        source.handleLoss()
        lose(
            MulticastLoss(
                source: source.peer,
                firstSequence: range.first,
                packetCount: range.count,
                cause: .notRepaired
            )
        )
    }

    private func sendNAK(_ request: NAKRequest, _ id: PeerID) {
        guard let info = core.info(of: id), let first = request.numbers.first else { return }
        let others = Array(request.numbers.dropFirst())
        send(
            Packet(
                .nak,
                of: info.sessionID,
                dataPort: info.dataPort,
                body: .nak(
                    NAKFields(sequence: first, source: request.source, group: request.group)
                ),
                flags: request.isParity ? .parity : [],
                options: others.isEmpty ? [] : [PacketOption(.nakList(others))]
            ),
            to: request.destination
        )
    }

    private func sendRequest(to target: NetworkAddress, _ id: PeerID) {
        guard let info = core.info(of: id) else { return }
        let packet = Packet(.spmr, of: info.sessionID, dataPort: info.dataPort, body: .spmr)
        multicast(packet, to: info.group)
        send(packet, to: target)
    }
}
