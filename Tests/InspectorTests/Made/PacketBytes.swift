import Vocabulary
import Dissection
import PGM
import Wire

/// Packets made octet by octet, from the inside out.
enum PacketBytes {
    static let source = IPAddress(v4: 0x0A4D_0001)
    static let receiver = IPAddress(v4: 0x0A4D_000C)
    static let group = IPAddress(v4: 0xEFC0_0101)
    static let source6 = IPAddress(v6High: 0xFD77 << 48, low: 1)
    static let group6 = IPAddress(v6High: 0xFF15 << 48, low: 0x101)
    static let session = TransportSessionID(globalSourceID: 0xB7C6_D1BC_038A, sourcePort: 21_655)

    static func ethernet(_ payload: [UInt8], type: UInt16 = 0x0800, tags: [UInt16] = []) -> [UInt8]
    {
        var bytes: [UInt8] = [1, 0, 0x5E, 0x40, 1, 1, 2, 0, 0, 0, 0, 1]
        for (index, tag) in tags.enumerated() {
            // The outer of several is a service tag.
            append16(index < tags.count - 1 ? 0x88A8 : 0x8100, to: &bytes)
            append16(tag, to: &bytes)
        }
        append16(type, to: &bytes)
        return bytes + payload
    }

    static func cooked1(_ payload: [UInt8], type: UInt16 = 0x0800) -> [UInt8] {
        var bytes: [UInt8] = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
        append16(type, to: &bytes)
        return bytes + payload
    }

    static func cooked2(_ payload: [UInt8], type: UInt16 = 0x0800, interface: UInt32 = 2) -> [UInt8]
    {
        var bytes: [UInt8] = []
        append16(type, to: &bytes)
        append16(0, to: &bytes)
        append32(interface, to: &bytes)
        bytes += [0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0]
        return bytes + payload
    }

    static func ipv4(
        _ payload: [UInt8],
        protocolNumber: UInt8 = 17,
        from source: IPAddress = source,
        to destination: IPAddress = group,
        timeToLive: UInt8 = 1,
        identification: UInt16 = 0,
        fragmentField: UInt16 = 0,
        options: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [UInt8(0x45 + options.count / 4), 0xB8]
        append16(UInt16(truncatingIfNeeded: 20 + options.count + payload.count), to: &bytes)
        append16(identification, to: &bytes)
        append16(fragmentField, to: &bytes)
        bytes += [timeToLive, protocolNumber, 0, 0]
        append32(UInt32(truncatingIfNeeded: source.low), to: &bytes)
        append32(UInt32(truncatingIfNeeded: destination.low), to: &bytes)
        bytes += options
        let checksum = checksum(bytes)
        bytes[10] = UInt8(checksum >> 8)
        bytes[11] = UInt8(checksum & 0xFF)
        return bytes + payload
    }

    static func ipv6(
        _ payload: [UInt8],
        nextHeader: UInt8 = 17,
        from source: IPAddress = source6,
        to destination: IPAddress = group6,
        hopLimit: UInt8 = 1
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x6B, 0x80, 0, 0]
        append16(UInt16(payload.count), to: &bytes)
        bytes += [nextHeader, hopLimit]
        for address in [source, destination] {
            BigEndian.append(address.high, to: &bytes)
            BigEndian.append(address.low, to: &bytes)
        }
        return bytes + payload
    }

    /// Pieces of that many octets, a multiple of eight, with their headers.
    static func fragmentsV4(
        _ payload: [UInt8],
        byteCount: Int,
        identification: UInt16 = 7,
        protocolNumber: UInt8 = 17
    ) -> [[UInt8]] {
        stride(from: 0, to: payload.count, by: byteCount).map { offset in
            let end = min(offset + byteCount, payload.count)
            return ipv4(
                Array(payload[offset..<end]),
                protocolNumber: protocolNumber,
                identification: identification,
                fragmentField: UInt16(offset / 8) | (end < payload.count ? 0x2000 : 0)
            )
        }
    }

    static func fragmentsV6(_ payload: [UInt8], byteCount: Int, nextHeader: UInt8 = 17) -> [[UInt8]]
    {
        stride(from: 0, to: payload.count, by: byteCount).map { offset in
            let end = min(offset + byteCount, payload.count)
            var head: [UInt8] = [nextHeader, 0]
            append16(UInt16(offset) | (end < payload.count ? 1 : 0), to: &head)
            append32(0xABCD_0001, to: &head)
            return ipv6(head + payload[offset..<end], nextHeader: 44)
        }
    }

    static func udp(
        _ payload: [UInt8],
        sourcePort: UInt16 = 40_000,
        destinationPort: UInt16 = 5_555,
        byteCount: Int? = nil
    ) -> [UInt8] {
        var bytes: [UInt8] = []
        append16(sourcePort, to: &bytes)
        append16(destinationPort, to: &bytes)
        append16(UInt16(truncatingIfNeeded: byteCount ?? 8 + payload.count), to: &bytes)
        append16(0, to: &bytes)
        return bytes + payload
    }

    static func tcp(_ payload: [UInt8], flags: UInt8 = 0x18, options: [UInt8] = []) -> [UInt8] {
        var bytes: [UInt8] = []
        append16(50_000, to: &bytes)
        append16(5_556, to: &bytes)
        append32(1_000, to: &bytes)
        append32(2_000, to: &bytes)
        bytes += [UInt8((20 + options.count) / 4) << 4, flags]
        append16(512, to: &bytes)
        append32(0, to: &bytes)
        return bytes + options + payload
    }

    // PGM

    static func odata(
        _ sequence: UInt32,
        _ payload: [UInt8] = [0, 0, 1, 2, 3],
        type: PacketType = .odata,
        options: [PacketOption] = []
    ) -> [UInt8] {
        Packet(
            type,
            of: session,
            dataPort: 5_555,
            body: .data(
                DataFields(sequence: SequenceNumber(sequence), trail: SequenceNumber(0))
            ),
            options: options,
            payload: payload
        ).encoded()
    }

    static func spm(_ sequence: UInt32, options: [PacketOption] = []) -> [UInt8] {
        Packet(
            .spm,
            of: session,
            dataPort: 5_555,
            body: .spm(
                SPMFields(
                    sequence: SequenceNumber(sequence),
                    trail: SequenceNumber(0),
                    lead: SequenceNumber(9),
                    path: NetworkAddress(v4: 0x0A4D_0001)
                )
            ),
            options: options
        ).encoded()
    }

    static func nak(_ numbers: [UInt32], type: PacketType = .nak) -> [UInt8] {
        let list = numbers.dropFirst().map { SequenceNumber($0) }
        return Packet(
            type,
            of: session,
            dataPort: 5_555,
            body: .nak(
                NAKFields(
                    sequence: SequenceNumber(numbers[0]),
                    source: NetworkAddress(v4: 0x0A4D_0001),
                    group: NetworkAddress(v4: 0xEFC0_0101)
                )
            ),
            options: list.isEmpty ? [] : [PacketOption(.nakList(list))]
        ).encoded()
    }

    // Membership

    static func igmp(
        _ type: UInt8,
        code: UInt8 = 0,
        group: IPAddress,
        rest: [UInt8] = []
    ) -> [UInt8] {
        var bytes: [UInt8] = [type, code, 0, 0]
        append32(UInt32(truncatingIfNeeded: group.low), to: &bytes)
        bytes += rest
        return withChecksum(bytes)
    }

    static func igmp3Report(
        _ records: [(kind: UInt8, group: IPAddress, sources: [IPAddress])]
    ) -> [UInt8] {
        var bytes: [UInt8] = [0x22, 0, 0, 0, 0, 0]
        append16(UInt16(records.count), to: &bytes)
        for record in records {
            bytes += [record.kind, 0]
            append16(UInt16(record.sources.count), to: &bytes)
            for address in [record.group] + record.sources {
                append32(UInt32(truncatingIfNeeded: address.low), to: &bytes)
            }
        }
        return withChecksum(bytes)
    }

    /// An ICMPv6 message from `source6` to `destination`, with the checksum over its pseudo header.
    static func icmp6(_ message: [UInt8], to destination: IPAddress = group6) -> [UInt8] {
        var pseudo: [UInt8] = []
        for address in [source6, destination] {
            BigEndian.append(address.high, to: &pseudo)
            BigEndian.append(address.low, to: &pseudo)
        }
        append32(UInt32(message.count), to: &pseudo)
        append32(58, to: &pseudo)
        let checksum = checksum(pseudo + message)
        var message = message
        message[2] = UInt8(checksum >> 8)
        message[3] = UInt8(checksum & 0xFF)
        return message
    }

    static func octets(_ address: IPAddress) -> [UInt8] {
        var bytes: [UInt8] = []
        if address.family == .v6 { BigEndian.append(address.high, to: &bytes) }
        if address.family == .v6 { BigEndian.append(address.low, to: &bytes) }
        if address.family == .v4 { append32(UInt32(truncatingIfNeeded: address.low), to: &bytes) }
        return bytes
    }

    static func append16(_ number: UInt16, to bytes: inout [UInt8]) {
        BigEndian.append(number, to: &bytes)
    }

    static func append32(_ number: UInt32, to bytes: inout [UInt8]) {
        BigEndian.append(number, to: &bytes)
    }

    private static func withChecksum(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let checksum = checksum(bytes)
        bytes[2] = UInt8(checksum >> 8)
        bytes[3] = UInt8(checksum & 0xFF)
        return bytes
    }

    /// RFC 1071, the plain way.
    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for (index, octet) in bytes.enumerated() {
            sum += UInt32(octet) << (index % 2 == 0 ? 8 : 0)
        }
        while sum > 0xFFFF { sum = (sum & 0xFFFF) + (sum >> 16) }
        return ~UInt16(sum)
    }
}

/// Runs a body on the dissection of a packet; nothing of it outlives the call.
struct DissectorBench {
    let dissector: Dissector
    var number = 0

    init(options: DissectorOptions = DissectorOptions()) {
        dissector = Dissector(options: options)
    }

    mutating func dissect<Result>(
        _ bytes: [UInt8],
        linkType: LinkType = .ethernet,
        originalByteCount: Int? = nil,
        nanoseconds: Int64 = 0,
        _ body: (DissectedPacket) throws -> Result
    ) rethrows -> Result {
        number += 1
        return try bytes.withUnsafeBytes { octets in
            let packet = CapturedPacket(
                number: number,
                nanoseconds: nanoseconds,
                interface: 0,
                linkType: linkType,
                originalByteCount: originalByteCount ?? bytes.count,
                bytes: octets
            )
            return try body(dissector.dissect(packet, of: 0))
        }
    }

    /// The dissection as a short text, for comparison.
    mutating func text(
        _ bytes: [UInt8],
        linkType: LinkType = .ethernet,
        originalByteCount: Int? = nil,
        nanoseconds: Int64 = 0
    ) -> String {
        dissect(
            bytes,
            linkType: linkType,
            originalByteCount: originalByteCount,
            nanoseconds: nanoseconds
        ) { Self.text($0) }
    }

    static func text(_ dissection: DissectedPacket) -> String {
        switch dissection {
        case .pgm(let pgm):
            "\(pgm.packet.type) \(pgm.packet.sequence) \(pgm.checksum)"
                + (pgm.encapsulation == .ip ? " ip" : " udp")
                + " \(pgm.packet.payload.count)+\(pgm.datagram.missingByteCount)"
        case .membership(let message): "\(message.version) \(message.checksum)"
        case .tcp(let segment):
            "tcp \(segment.sequence) \(segment.payload.count)+\(segment.missingByteCount)"
        case .udp(let udp):
            "udp \(udp.destinationPort) \(udp.payload.count)+\(udp.missingByteCount)"
        case .unread(let what): "unread \(what.space.rawValue) \(what.number)"
        case .incomplete: "incomplete"
        case .skipped(let reason): "skipped \(reason.rawValue)"
        }
    }
}
