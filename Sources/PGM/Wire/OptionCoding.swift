import Vocabulary
import Wire

extension OptionView {
    /// The option as a value. Copies the content of NAK lists and unknown options.
    public var option: PacketOption {
        PacketOption(content, extensibility: extensibility)
    }

    public var content: PacketOption.Content {
        switch type {
        case OptionType.fragment:
            .fragment(first: number(at: 4), offset: word(at: 8), byteCount: word(at: 12))
        case OptionType.nakList:
            .nakList(stride(from: 4, to: bytes.count, by: 4).map { number(at: $0) })
        case OptionType.join: .join(minimum: number(at: 4))
        case OptionType.backOffInterval:
            .backOffInterval(microseconds: word(at: 4), poll: number(at: 8))
        case OptionType.backOffRange:
            .backOffRange(maximumMicroseconds: word(at: 4), minimumMicroseconds: word(at: 8))
        case OptionType.redirect: .redirect(NetworkAddress(encoded: bytes, at: 4))
        case OptionType.parityParameters:
            .parityParameters(
                isProactive: specific & 0x02 != 0,
                isOnDemand: specific & 0x01 != 0,
                groupSize: word(at: 4)
            )
        case OptionType.parityGroup: .parityGroup(word(at: 4))
        case OptionType.currentGroupSize: .currentGroupSize(word(at: 4))
        case OptionType.neighbourUnreachable: .neighbourUnreachable
        case OptionType.pathAddress:
            .pathAddress(
                NetworkAddress(bare: bytes, at: 4, family: bytes.count == 8 ? .v4 : .v6)
            )
        case OptionType.synchronize: .synchronize
        case OptionType.finish: .finish
        case OptionType.reset:
            .reset(refusesNAKs: specific & 0x40 != 0, errorCode: specific & 0x3F)
        default: rareContent
        }
    }

    private var rareContent: PacketOption.Content {
        switch type {
        case OptionType.congestionReport:
            .congestionReport(
                CongestionReport(
                    which: specific & 0x07,
                    lead: number(at: 4),
                    worstLink: BigEndian.loadUInt16(bytes, at: 8),
                    worstPath: BigEndian.loadUInt16(bytes, at: 10),
                    worstReceiverPath: BigEndian.loadUInt16(bytes, at: 12),
                    receiver: NetworkAddress(encoded: bytes, at: 16)
                )
            )
        case OptionType.congestionReportRequest: .congestionReportRequest(specific & 0x07)
        case OptionType.congestionData:
            .congestionData(
                milliseconds: word(at: 4),
                acker: NetworkAddress(encoded: bytes, at: 8)
            )
        case OptionType.congestionFeedback:
            .congestionFeedback(
                milliseconds: word(at: 4),
                lossRate: BigEndian.loadUInt16(bytes, at: 10),
                receiver: NetworkAddress(encoded: bytes, at: 8)
            )
        default: .other(type: type, content: Array(bytes[4...]))
        }
    }

    /// A number in the content; the packet's check covered its octets.
    func word(at offset: Int) -> UInt32 { BigEndian.loadUInt32(bytes, at: offset) }

    private func number(at offset: Int) -> SequenceNumber { SequenceNumber(word(at: offset)) }
}

extension PacketOption {
    /// Octets of OPT_LENGTH and these options; 0 when there are none.
    static func byteCount(of options: [PacketOption]) -> Int {
        options.isEmpty ? 0 : options.reduce(4) { $0 + $1.byteCount }
    }

    /// Writes OPT_LENGTH and the options; gives the offset behind them.
    static func write(
        _ options: [PacketOption],
        into bytes: UnsafeMutableRawBufferPointer,
        at start: Int
    ) -> Int {
        guard !options.isEmpty else { return start }
        precondition(options.count <= OptionArea.optionCountMax, "a packet has at most 16 options")
        bytes[start] = OptionType.length
        bytes[start + 1] = 4
        BigEndian.store(
            UInt16(truncatingIfNeeded: byteCount(of: options)),
            in: bytes,
            at: start + 2
        )
        var offset = start + 4
        for (index, option) in options.enumerated() {
            let isLast = index == options.count - 1
            precondition(option.byteCount <= 255, "an option has at most 255 octets")
            option.write(into: bytes, at: offset)
            if isLast { bytes[offset] |= OptionView.endBit }
            offset += option.byteCount
        }
        return offset
    }

    private func write(into bytes: UnsafeMutableRawBufferPointer, at start: Int) {
        bytes[start] = type
        bytes[start + 1] = UInt8(truncatingIfNeeded: byteCount)
        bytes[start + 2] = extensibility
        bytes[start + 3] = specific
        func word(_ value: UInt32, at offset: Int) {
            BigEndian.store(value, in: bytes, at: start + offset)
        }
        switch content {
        case .fragment(let first, let offset, let count):
            word(first.rawValue, at: 4)
            word(offset, at: 8)
            word(count, at: 12)
        case .nakList(let numbers):
            for (index, number) in numbers.enumerated() { word(number.rawValue, at: 4 + 4 * index) }
        case .join(let minimum): word(minimum.rawValue, at: 4)
        case .backOffInterval(let microseconds, let poll):
            word(microseconds, at: 4)
            word(poll.rawValue, at: 8)
        case .backOffRange(let maximum, let minimum):
            word(maximum, at: 4)
            word(minimum, at: 8)
        case .redirect(let address): _ = address.write(into: bytes, at: start + 4)
        case .parityParameters(_, _, let size): word(size, at: 4)
        case .parityGroup(let value), .currentGroupSize(let value): word(value, at: 4)
        case .pathAddress(let address): _ = address.writeBare(into: bytes, at: start + 4)
        case .congestionReport(let report):
            word(report.lead.rawValue, at: 4)
            word(UInt32(report.worstLink) << 16 | UInt32(report.worstPath), at: 8)
            word(UInt32(report.worstReceiverPath) << 16, at: 12)
            _ = report.receiver.write(into: bytes, at: start + 16)
        case .congestionData(let milliseconds, let acker):
            word(milliseconds, at: 4)
            _ = acker.write(into: bytes, at: start + 8)
        case .congestionFeedback(let milliseconds, let lossRate, let receiver):
            word(milliseconds, at: 4)
            _ = receiver.write(into: bytes, at: start + 8)
            BigEndian.store(lossRate, in: bytes, at: start + 10)
        case .other(_, let content):
            for (index, octet) in content.enumerated() { bytes[start + 4 + index] = octet }
        case .neighbourUnreachable, .synchronize, .finish, .reset, .congestionReportRequest:
            break
        }
    }

    /// The fourth octet.
    private var specific: UInt8 {
        switch content {
        case .parityParameters(let isProactive, let isOnDemand, _):
            (isProactive ? 0x02 : 0) | (isOnDemand ? 0x01 : 0)
        case .reset(let refusesNAKs, let code): (refusesNAKs ? 0x40 : 0) | code & 0x3F
        case .congestionReport(let report): report.which & 0x07
        case .congestionReportRequest(let which): which & 0x07
        default: 0
        }
    }
}
