import Vocabulary
import PGM
import Simulation
import Testing

struct PacketCodingTests {
    private let session = TransportSessionID(globalSourceID: 0xB7C6_D1BC_038A, sourcePort: 0x1234)

    @Test func `every packet with every option comes back as it was written`() throws {
        for seed in 0..<2_000 as Range<UInt64> {
            var random = RandomPacket(seed: seed)
            let packet = random.next()
            let octets = packet.encoded()
            try octets.withUnsafeBytes { bytes in
                let view = try PacketView(bytes)
                #expect(Packet(view) == packet, "seed \(seed)")
                #expect(view.verifyChecksum() == .valid, "seed \(seed)")
                #expect(view.sessionID == packet.sessionID && view.dataPort == packet.dataPort)
            }
        }
    }

    @Test func `every option's name and content can be read`() {
        var random = RandomPacket(seed: 1)
        let texts = (0..<20).map { "\(PacketOption(random.content($0)))" }
        #expect(Set(texts.map { $0.split(separator: " ")[0] }).count == 19)
        #expect(texts.allSatisfy { $0.hasPrefix("OPT_") || $0.hasPrefix("option ") })
    }

    @Test func `RFC 3208 §8.2: an ODATA packet has these octets`() {
        let packet = Packet(
            .odata,
            of: session,
            dataPort: 5555,
            body: .data(DataFields(sequence: SequenceNumber(7), trail: SequenceNumber(2))),
            payload: [0xAA, 0xBB, 0xCC]
        )
        var octets = packet.encoded()
        octets[6...7] = [0, 0]
        #expect(
            octets == [
                0x12, 0x34, 0x15, 0xB3, 0x04, 0x00, 0, 0, 0xB7, 0xC6, 0xD1, 0xBC, 0x03, 0x8A, 0, 3,
                0, 0, 0, 7, 0, 0, 0, 2, 0xAA, 0xBB, 0xCC,
            ]
        )
    }

    @Test func `RFC 3208 §8.3: a NAK has its ports turned round and its list behind two addresses`()
    {
        let packet = Packet(
            .nak,
            of: session,
            dataPort: 5555,
            body: .nak(
                NAKFields(
                    sequence: SequenceNumber(9),
                    source: NetworkAddress(v4: 0x0A4D_0001),
                    group: NetworkAddress(v4: 0xEFC0_0101)
                )
            ),
            options: [PacketOption(.nakList([SequenceNumber(11), SequenceNumber(12)]))]
        )
        var octets = packet.encoded()
        octets[6...7] = [0, 0]
        #expect(
            octets == [
                0x15, 0xB3, 0x12, 0x34, 0x08, 0x03, 0, 0, 0xB7, 0xC6, 0xD1, 0xBC, 0x03, 0x8A, 0, 0,
                0, 0, 0, 9, 0, 1, 0, 0, 0x0A, 0x4D, 0, 1, 0, 1, 0, 0, 0xEF, 0xC0, 1, 1,
                0, 4, 0, 16, 0x82, 12, 0, 0, 0, 0, 0, 11, 0, 0, 0, 12,
            ]
        )
    }

    @Test func `RFC 3208 §9.1: the network-significant bit follows from the options`() throws {
        func flags(_ content: PacketOption.Content) throws -> PacketFlags {
            let octets = Packet(
                .spmr,
                of: session,
                dataPort: 1,
                body: .spmr,
                options: [PacketOption(content)]
            ).encoded()
            return try octets.withUnsafeBytes { try PacketView($0).flags }
        }
        #expect(try flags(.join(minimum: SequenceNumber(1))) == [.options])
        #expect(try flags(.finish) == [.options])
        #expect(try flags(.nakList([])) == [.options, .networkSignificant])
    }

    @Test func `a NAK gives the number of its body and those of its list`() throws {
        let numbers = [4, 8, 15].map { SequenceNumber($0) }
        let octets = Packet(
            .nak,
            of: session,
            dataPort: 1,
            body: .nak(NAKFields(sequence: numbers[0], source: .unspecified, group: .unspecified)),
            options: [PacketOption(.nakList(Array(numbers[1...])), extensibility: 0xD1)]
        ).encoded()
        try octets.withUnsafeBytes { bytes in
            let view = try PacketView(bytes)
            #expect(Array(view.requested) == numbers && view.requested.count == 3)
        }
    }

    @Test func `a data packet written in place equals the one written as a value`() {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomPacket(seed: seed)
            let packet = random.next(.odata)
            guard case .data(let fields) = packet.body else { continue }
            let headerByteCount = DataPacket.headerByteCount(options: packet.options)
            var octets = [UInt8](repeating: 0xEE, count: headerByteCount) + packet.payload
            var sum = Checksum()
            packet.payload.withUnsafeBytes { sum.add($0) }
            octets.withUnsafeMutableBytes { bytes in
                DataPacket(sessionID: packet.sessionID, dataPort: packet.dataPort).write(
                    .odata,
                    fields,
                    flags: packet.flags,
                    options: packet.options,
                    payloadChecksum: seed % 2 == 0 ? sum : nil,
                    into: bytes
                )
            }
            #expect(octets == packet.encoded(), "seed \(seed)")
        }
    }

    @Test func `RFC 3208 §3.6.2.2: a repair is the packet with its type and today's trail`() throws
    {
        for seed in 0..<200 as Range<UInt64> {
            var random = RandomPacket(seed: seed)
            var packet = random.next(.odata)
            var octets = packet.encoded()
            let trail = SequenceNumber(UInt32(truncatingIfNeeded: seed &* 0x9E37_79B9))
            octets.withUnsafeMutableBytes { DataPacket.makeRepair(in: $0, trail: trail) }
            guard case .data(var fields) = packet.body else { continue }
            fields.trail = trail
            packet.type = .rdata
            packet.body = .data(fields)
            #expect(octets == packet.encoded(), "seed \(seed)")
        }
    }

    @Test func `RFC 3208 §5.2: an NCF repeats the NAK towards the group`() throws {
        var random = RandomPacket(seed: 3)
        for _ in 0..<100 {
            let nak = random.next(.nak)
            var expected = nak
            expected.type = .ncf
            let octets = nak.encoded()
            var confirmation = [UInt8](repeating: 0, count: octets.count)
            try octets.withUnsafeBytes { bytes in
                let view = try PacketView(bytes)
                try confirmation.withUnsafeMutableBytes { target in
                    #expect(DataPacket.writeConfirmation(of: view, into: target) == target.count)
                    let written = try PacketView(UnsafeRawBufferPointer(target))
                    #expect(Packet(written) == expected)
                    #expect(written.verifyChecksum() == .valid)
                }
            }
        }
    }
}
