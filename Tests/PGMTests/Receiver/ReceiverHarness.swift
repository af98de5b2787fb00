import Vocabulary
import PGM
import Wire

/// A receiver, packets of one source, and what it wants to be done, as short texts.
struct ReceiverHarness {
    static let session = TransportSessionID(globalSourceID: 77, sourcePort: 9)
    static let address = NetworkAddress(v4: 0x0A00_0001)
    static let group = NetworkAddress(v4: 0xEF00_0001)
    static let relay = NetworkAddress(v4: 0x0A00_00FE)

    var receiver: Receiver
    var now = Instant(nanoseconds: 1_000_000_000)
    var spmSequence: UInt32 = 0
    var address = Self.address
    var session = Self.session
    /// NAKs in the order of their sending.
    var naks: [NAKRequest] = []

    init(_ options: ReceiverOptions = ReceiverOptions()) {
        receiver = Receiver(options, seed: 42)
    }

    @discardableResult
    mutating func handle(
        _ type: PacketType,
        _ body: PacketBody,
        flags: PacketFlags = [],
        options: [PacketOption] = []
    ) -> String {
        let octets = Packet(
            type,
            of: session,
            dataPort: 7_500,
            body: body,
            flags: flags,
            options: options
        ).encoded()
        return octets.withUnsafeBytes { bytes in
            guard let view = try? PacketView(bytes) else { return "malformed" }
            let reception = receiver.handle(view, from: address, to: Self.group, at: now)
            return ([text(of: reception, view)] + directives()).filter { !$0.isEmpty }
                .joined(separator: " ")
        }
    }

    private func text(of reception: Reception, _ view: PacketView) -> String {
        switch reception {
        case .deliver: "deliver \(view.sequence)"
        case .hold: "hold \(view.sequence)"
        case .holdParity(_, let group, let index): "parity \(group)/\(index)"
        case .done: ""
        }
    }

    @discardableResult
    mutating func data(
        _ number: UInt32,
        trail: UInt32 = 0,
        type: PacketType = .odata,
        options: [PacketOption] = []
    ) -> String {
        handle(
            type,
            .data(
                DataFields(sequence: SequenceNumber(number), trail: SequenceNumber(trail))
            ),
            options: options
        )
    }

    @discardableResult
    mutating func spm(
        lead: UInt32,
        trail: UInt32 = 0,
        path: NetworkAddress = Self.address,
        options: [PacketOption] = []
    ) -> String {
        defer { spmSequence += 1 }
        return handle(
            .spm,
            .spm(
                SPMFields(
                    sequence: SequenceNumber(spmSequence),
                    trail: SequenceNumber(trail),
                    lead: SequenceNumber(lead),
                    path: path
                )
            ),
            options: options
        )
    }

    @discardableResult
    mutating func confirm(_ type: PacketType = .ncf, _ numbers: UInt32...) -> String {
        let list = numbers.dropFirst().map { SequenceNumber($0) }
        return handle(
            type,
            .nak(
                NAKFields(
                    sequence: SequenceNumber(numbers[0]),
                    source: Self.address,
                    group: Self.group
                )
            ),
            options: list.isEmpty ? [] : [PacketOption(.nakList(list))]
        )
    }

    @discardableResult
    mutating func wait(_ duration: Duration) -> String {
        now = now + duration
        receiver.handleTimeout(at: now)
        return directives().joined(separator: " ")
    }

    mutating func directives() -> [String] {
        var texts: [String] = []
        while let directive = receiver.nextDirective() {
            switch directive {
            case .peerAppeared: texts.append("appeared")
            case .deliverHeld(_, let range): texts.append("held \(range)")
            case .reportLoss(_, let range): texts.append("lost \(range)")
            case .reconstruct(_, let task):
                texts.append("reconstruct \(task.missing.map(\.rawValue)) from \(task.parity)")
            case .sendNAK(_, let request):
                naks.append(request)
                let numbers = request.numbers.map { "\($0)" }.joined(separator: ",")
                texts.append("nak\(request.isParity ? " parity" : "") \(numbers)")
            case .sendSPMR: texts.append("spmr")
            case .sendPOLR(_, let fields, _): texts.append("polr \(fields.sequence)")
            case .peerFinished: texts.append("finished")
            case .peerReset(_, let code): texts.append("reset \(code)")
            case .peerExpired: texts.append("expired")
            }
        }
        return texts
    }
}
