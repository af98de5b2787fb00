import Vocabulary
import PGM
import Wire

/// A source, packets made for it, and what it wants to send.
struct SourceHarness {
    static let session = TransportSessionID(globalSourceID: 77, sourcePort: 9)
    static let address = NetworkAddress(v4: 0x0A00_0001)
    static let group = NetworkAddress(v4: 0xEF00_0001)

    var source: Source
    var now = Instant(nanoseconds: 1_000_000_000)

    init(_ options: SourceOptions = SourceOptions(), first: UInt32 = 0) {
        source = Source(
            options,
            sessionID: Self.session,
            dataPort: 7_500,
            address: Self.address,
            group: Self.group,
            firstNumber: SequenceNumber(first),
            at: now
        )
    }

    /// Takes in `count` packets; how many the rate let pass.
    @discardableResult
    mutating func send(_ count: Int, byteCount: Int = 1_000) -> Int {
        (0..<count).reduce(0) { sent, _ in
            sent + (source.admit(byteCount: byteCount, at: now) == nil ? 0 : 1)
        }
    }

    mutating func wait(_ duration: Duration) {
        now = now + duration
        source.handleTimeout(at: now)
    }

    mutating func directives() -> [SourceDirective] {
        var list: [SourceDirective] = []
        while let directive = source.nextDirective() { list.append(directive) }
        return list
    }

    mutating func spms() -> [(fields: SPMFields, options: [PacketOption])] {
        directives().compactMap {
            if case .sendSPM(let fields, let options) = $0 { (fields, options) } else { nil }
        }
    }

    mutating func repairs() -> [UInt32] {
        directives().compactMap {
            if case .sendRepair(let fields) = $0 { fields.sequence.rawValue } else { nil }
        }
    }

    mutating func handle(
        _ type: PacketType,
        _ body: PacketBody,
        flags: PacketFlags = [],
        options: [PacketOption] = [],
        session: TransportSessionID = Self.session
    ) -> SourceAnswer {
        let octets = Packet(
            type,
            of: session,
            dataPort: 7_500,
            body: body,
            flags: flags,
            options: options
        ).encoded()
        return octets.withUnsafeBytes { bytes in
            guard let view = try? PacketView(bytes) else { return .none }
            return source.handle(view, at: now)
        }
    }

    mutating func nak(
        _ numbers: UInt32...,
        address: NetworkAddress = Self.address,
        group: NetworkAddress = Self.group,
        isParity: Bool = false
    ) -> SourceAnswer {
        let list = numbers.dropFirst().map { SequenceNumber($0) }
        return handle(
            .nak,
            .nak(
                NAKFields(sequence: SequenceNumber(numbers[0]), source: address, group: group)
            ),
            flags: isParity ? [.parity] : [],
            options: list.isEmpty ? [] : [PacketOption(.nakList(list))]
        )
    }
}
