import Vocabulary
import PGM
import Simulation
import Testing

struct PacketViewTests {
    private let session = TransportSessionID(globalSourceID: 1, sourcePort: 2)

    private func error(_ octets: [UInt8], missing: Int = 0) -> PacketError? {
        octets.withUnsafeBytes { bytes in
            do throws(PacketError) {
                _ = try PacketView(bytes, missingByteCount: missing)
                return nil
            } catch {
                return error
            }
        }
    }

    private func data(_ payloadByteCount: Int = 4, options: [PacketOption] = []) -> [UInt8] {
        Packet(
            .odata,
            of: session,
            dataPort: 3,
            body: .data(DataFields(sequence: SequenceNumber(0), trail: SequenceNumber(0))),
            options: options,
            payload: [UInt8](repeating: 7, count: payloadByteCount)
        ).encoded()
    }

    @Test func `what is too short says how much is needed`() {
        #expect(error([]) == .truncated(byteCount: 0, neededByteCount: 16))
        #expect(error(Array(data().prefix(20))) == .truncated(byteCount: 20, neededByteCount: 24))
    }

    @Test func `version and type are named`() {
        var octets = data()
        octets[4] = 0x44
        #expect(error(octets) == .unknownVersion(1))
        octets[4] = 0x03
        #expect(error(octets) == .unknownType(3))
        octets[4] = 0x14
        #expect(error(octets) == .unknownType(0x14))
    }

    @Test func `RFC 3208 §8: the TSDU length must be that of the payload`() {
        #expect(
            error(data() + [0]) == .wrongPayloadLength(field: 4, byteCount: 5)
        )
        #expect(error(data().dropLast()) == .wrongPayloadLength(field: 4, byteCount: 3))
        #expect(error(Array(data().dropLast()), missing: 1) == nil)
        var request = Packet(.spmr, of: session, dataPort: 3, body: .spmr).encoded()
        request.append(0)
        #expect(error(request) == .wrongPayloadLength(field: 0, byteCount: 1))
    }

    @Test func `an unknown address family is named`() {
        var octets = Packet(
            .spm,
            of: session,
            dataPort: 3,
            body: .spm(
                SPMFields(
                    sequence: SequenceNumber(0),
                    trail: SequenceNumber(0),
                    lead: SequenceNumber(0),
                    path: NetworkAddress(v4: 1)
                )
            )
        ).encoded()
        octets[29] = 6
        #expect(error(octets) == .unknownAddressFamily(6))
    }

    @Test func `RFC 3208 §9.1: options begin with OPT_LENGTH and end with the end bit`() {
        let good = data(options: [PacketOption(.finish), PacketOption(.synchronize)])
        #expect(error(good) == nil)
        var octets = good
        octets[24] = 0x0E
        #expect(error(octets) == .missingOptionLength)
        octets = good
        octets[32] = 0x0D
        #expect(error(octets) == .optionsWithoutEnd)
        octets = good
        octets[28] = 0x8E
        #expect(error(octets) == .optionsWithoutEnd)
        octets = good
        octets[29] = 3
        #expect(error(octets) == .wrongOptionLength(type: 0x0E, byteCount: 3))
        octets = good
        octets[26] = 0xFF
        #expect(error(octets) == .truncated(byteCount: 40, neededByteCount: 24 + 0xFF0C))
        octets = good
        octets[27] = 3
        #expect(error(octets) == .wrongOptionLength(type: 0, byteCount: 3))
    }

    @Test func `RFC 3208 §9: sixteen options are the limit`() {
        let finish = PacketOption(.finish)
        #expect(error(data(options: Array(repeating: finish, count: 16))) == nil)
        var octets = data(options: Array(repeating: finish, count: 16))
        octets[88] = 0x0E  // the last one loses its end bit, and one more follows
        octets.insert(contentsOf: [0x8E, 4, 0, 0], at: 92)
        octets[27] += 4
        #expect(error(octets) == .tooManyOptions)
    }

    @Test func `garbage in the octet for network elements changes nothing`() throws {
        let octets = data(options: [PacketOption(.nakList([]), extensibility: 0xFF)])
        #expect(error(octets) == nil)
    }

    @Test func `addresses are written as people write them`() {
        #expect("\(NetworkAddress(v4: 0xEFC0_0101))" == "239.192.1.1")
        #expect("\(NetworkAddress(v6High: 0xFF02 << 48, low: 1))" == "ff02::1")
        #expect("\(NetworkAddress(v6High: 0, low: 0))" == "::")
        #expect(
            "\(NetworkAddress(v6High: 0x2001_0DB8_0000_0001, low: 0x0001_0001_0001_0000))"
                == "2001:db8:0:1:1:1:1:0"
        )
        #expect(NetworkAddress(v4: 0xEFC0_0101).isMulticast)
        #expect(!NetworkAddress(v4: 0x0A00_0001).isMulticast)
        #expect(NetworkAddress(v6High: 0xFF02 << 48, low: 1).isMulticast)
    }

    /// Reads everything that a view offers.
    private func touch(_ view: PacketView) -> Int {
        let packet = Packet(view)
        return "\(packet)".utf8.count + Array(view.requested).count + view.payload.count
            + Int(view.sequence.rawValue & 1) + (view.verifyChecksum() == .valid ? 1 : 0)
            + (view.data == nil ? 0 : 1)
    }

    @Test func `no octets end the process`() {
        var parsed = 0
        for seed in 0..<6_000 as Range<UInt64> {
            var random = RandomPacket(seed: seed)
            var octets = random.next().encoded()
            for _ in 0..<random.number(below: 6) {
                switch random.number(below: 4) {
                case 0 where !octets.isEmpty: octets.removeLast(random.number(below: octets.count))
                case 1: octets.append(contentsOf: random.generator.octets(4))
                default:
                    guard !octets.isEmpty else { continue }
                    let octet = UInt8(truncatingIfNeeded: random.generator.next())
                    octets[random.number(below: octets.count)] = octet
                }
            }
            octets.withUnsafeBytes { bytes in
                guard let view = try? PacketView(bytes, missingByteCount: Int(seed % 3)) else {
                    return
                }
                parsed += 1
                #expect(touch(view) >= 0)
            }
        }
        #expect(parsed > 500)
        for seed in 0..<4_000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var octets = generator.octets(Int(seed % 90))
            if octets.count > 5 { octets[4] = octets[4] & 0x0F }
            octets.withUnsafeBytes { bytes in
                if let view = try? PacketView(bytes) { #expect(touch(view) >= 0) }
            }
        }
    }
}
