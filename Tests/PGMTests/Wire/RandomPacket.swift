import Vocabulary
import PGM
import Simulation

/// Packets of every type with every option, from a seed.
struct RandomPacket {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func next() -> Packet {
        next(PacketType.allCases[number(below: PacketType.allCases.count)])
    }

    mutating func next(_ type: PacketType) -> Packet {
        let payload = type.isData ? generator.octets(number(below: 64)) : []
        var flags: PacketFlags = []
        if number(below: 4) == 0 { flags.insert(.parity) }
        if number(below: 4) == 0 { flags.insert(.variableLength) }
        return Packet(
            type,
            of: TransportSessionID(
                globalSourceID: generator.next(),
                sourcePort: UInt16(truncatingIfNeeded: generator.next())
            ),
            dataPort: UInt16(truncatingIfNeeded: generator.next()),
            body: body(of: type),
            flags: flags,
            options: options(number(below: 5)),
            payload: payload
        )
    }

    private mutating func body(of type: PacketType) -> PacketBody {
        switch type {
        case .odata, .rdata: .data(DataFields(sequence: sequence(), trail: sequence()))
        case .spm:
            .spm(
                SPMFields(
                    sequence: sequence(),
                    trail: sequence(),
                    lead: sequence(),
                    path: address()
                )
            )
        case .nak, .nnak, .ncf:
            .nak(NAKFields(sequence: sequence(), source: address(), group: address()))
        case .poll:
            .poll(
                PollFields(
                    sequence: sequence(),
                    round: half(),
                    subtype: half(),
                    path: address(),
                    backOffMicroseconds: word(),
                    random: word(),
                    mask: word()
                )
            )
        case .polr: .polr(PollResponseFields(sequence: sequence(), round: half()))
        case .spmr: .spmr
        case .ack: .ack(AckFields(highest: sequence(), bitmap: word()))
        }
    }

    private mutating func options(_ count: Int) -> [PacketOption] {
        var options: [PacketOption] = []
        for _ in 0..<count {
            options.append(
                PacketOption(
                    content(number(below: 20)),
                    extensibility: UInt8(truncatingIfNeeded: generator.next())
                )
            )
        }
        return options
    }

    mutating func content(_ kind: Int) -> PacketOption.Content {
        switch kind {
        case 0: .fragment(first: sequence(), offset: word(), byteCount: word())
        case 1: .nakList((0..<number(below: 63)).map { _ in sequence() })
        case 2: .join(minimum: sequence())
        case 3: .backOffInterval(microseconds: word(), poll: sequence())
        case 4: .backOffRange(maximumMicroseconds: word(), minimumMicroseconds: word())
        case 5: .redirect(address())
        case 6: .parityParameters(isProactive: flip(), isOnDemand: flip(), groupSize: word())
        case 7: .parityGroup(word())
        case 8: .currentGroupSize(word())
        case 9: .neighbourUnreachable
        case 10: .pathAddress(address())
        case 11: .synchronize
        case 12: .finish
        case 13: .reset(refusesNAKs: flip(), errorCode: UInt8(number(below: 64)))
        case 14:
            .congestionReport(
                CongestionReport(
                    which: UInt8(number(below: 8)),
                    lead: sequence(),
                    worstLink: half(),
                    worstPath: half(),
                    worstReceiverPath: half(),
                    receiver: address()
                )
            )
        case 15: .congestionReportRequest(UInt8(number(below: 8)))
        case 16: .congestionData(milliseconds: word(), acker: address())
        case 17: .congestionFeedback(milliseconds: word(), lossRate: half(), receiver: address())
        case 18: .other(type: 0x40, content: generator.octets(number(below: 20)))
        default: .other(type: OptionType.invalidated, content: generator.octets(4))
        }
    }

    mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
    private mutating func flip() -> Bool { number(below: 2) == 0 }
    private mutating func word() -> UInt32 { UInt32(truncatingIfNeeded: generator.next()) }
    private mutating func half() -> UInt16 { UInt16(truncatingIfNeeded: generator.next()) }
    private mutating func sequence() -> SequenceNumber { SequenceNumber(word()) }

    private mutating func address() -> NetworkAddress {
        flip()
            ? NetworkAddress(v4: word())
            : NetworkAddress(v6High: generator.next(), low: generator.next())
    }
}
