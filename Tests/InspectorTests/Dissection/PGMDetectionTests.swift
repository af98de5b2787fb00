import Dissection
import PGM
import Simulation
import Testing

@Suite struct PGMDetectionTests {
    private func frame(
        _ payload: [UInt8],
        to destination: IPAddress = PacketBytes.group,
        port: UInt16 = 5_555
    ) -> [UInt8] {
        PacketBytes.ipv4(PacketBytes.udp(payload, destinationPort: port), to: destination)
    }

    @Test func `every type is found by itself`() {
        var bench = DissectorBench()
        let session = PacketBytes.session
        let packets: [(String, [UInt8])] = [
            ("ODATA 1", PacketBytes.odata(1)),
            ("RDATA 2", PacketBytes.odata(2, type: .rdata)),
            ("SPM 3", PacketBytes.spm(3, options: [PacketOption(.finish)])),
            ("NAK 4", PacketBytes.nak([4, 5, 6])),
            ("NNAK 4", PacketBytes.nak([4], type: .nnak)),
            ("NCF 4", PacketBytes.nak([4], type: .ncf)),
            ("SPMR 0", Packet(.spmr, of: session, dataPort: 5_555, body: .spmr).encoded()),
            (
                "POLR 7",
                Packet(
                    .polr,
                    of: session,
                    dataPort: 5_555,
                    body: .polr(PollResponseFields(sequence: SequenceNumber(7), round: 1))
                ).encoded()
            ),
        ]
        for (index, (name, packet)) in packets.enumerated() {
            let payloadByteCount = name.contains("DATA") ? 5 : 0
            #expect(
                bench.text(frame(packet, port: UInt16(6_000 + index)), linkType: .raw)
                    == "\(name) valid udp \(payloadByteCount)+0"
            )
            #expect(
                bench.text(PacketBytes.ipv4(packet, protocolNumber: 113), linkType: .raw)
                    == "\(name) valid ip \(payloadByteCount)+0"
            )
        }
    }

    @Test func `a wrong checksum counts only where PGM was seen before`() {
        var bench = DissectorBench()
        var wrong = PacketBytes.odata(2)
        wrong[26] ^= 0x40
        #expect(bench.text(frame(wrong), linkType: .raw) == "udp 5555 29+0")
        #expect(bench.text(frame(PacketBytes.odata(1)), linkType: .raw) == "ODATA 1 valid udp 5+0")
        #expect(bench.text(frame(wrong), linkType: .raw) == "ODATA 2 invalid udp 5+0")
        // Another destination has its own past.
        #expect(bench.text(frame(wrong, port: 5_556), linkType: .raw) == "udp 5556 29+0")
        #expect(
            bench.text(frame(wrong, to: PacketBytes.receiver), linkType: .raw) == "udp 5555 29+0"
        )
    }

    @Test func `what is no PGM at a destination of PGM is malformed`() {
        var bench = DissectorBench()
        _ = bench.text(frame(PacketBytes.odata(1)), linkType: .raw)
        #expect(bench.text(frame([]), linkType: .raw) == "skipped bad-pgm-packet")
        #expect(
            bench.text(frame(Array("hello, is there anybody?".utf8)), linkType: .raw)
                == "skipped bad-pgm-packet"
        )
        #expect(
            bench.text(frame(Array(PacketBytes.odata(1).dropLast())), linkType: .raw)
                == "skipped bad-pgm-packet"
        )
    }

    @Test func `a forced port is PGM from the first packet on`() {
        var bench = DissectorBench(options: DissectorOptions(pgmPorts: [5_555]))
        var wrong = PacketBytes.odata(2)
        wrong[26] ^= 0x40
        #expect(bench.text(frame(wrong), linkType: .raw) == "ODATA 2 invalid udp 5+0")
        #expect(bench.text(frame([1, 2]), linkType: .raw) == "skipped bad-pgm-packet")
        #expect(bench.text(frame([1, 2], port: 53), linkType: .raw) == "udp 53 2+0")
    }

    @Test func `without a checksum the fields must leave no doubt`() {
        var bench = DissectorBench()
        var data = PacketBytes.odata(1)
        data.replaceSubrange(6...7, with: [0, 0])
        #expect(bench.text(frame(data), linkType: .raw) == "ODATA 1 absent udp 5+0")
        // A trail ahead of the packet.
        data[20] = 0x40
        #expect(bench.text(frame(data, port: 6_000), linkType: .raw) == "udp 6000 29+0")
        // Cut by a snap length of 64: SPM, data and NAKs are told, SPMRs are not.
        let cut = { (packet: [UInt8], port: UInt16) in
            let whole = self.frame(packet, port: port)
            return bench.text(
                Array(whole.prefix(20 + 8 + 24)),
                linkType: .raw,
                originalByteCount: whole.count
            )
        }
        #expect(
            cut(PacketBytes.odata(5, Array(repeating: 1, count: 100)), 7_000)
                == "ODATA 5 unknown udp 0+100"
        )
    }

    @Test(arguments: 0..<4) func `strangers are not taken for PGM`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var bench = DissectorBench()
        for _ in 0..<20_000 {
            var payload = random.octets(Int.random(in: 0...80, using: &random))
            // As near as a stranger comes: type and flags fit.
            if payload.count > 16 {
                payload[4] = UInt8.random(in: 0...13, using: &random)
                payload[5] = 0
                payload[14] = 0
                payload[15] = UInt8(payload.count - 16 < 8 ? 0 : payload.count - 24)
            }
            let text = bench.text(frame(payload), linkType: .raw)
            // One in 65,536 has the right checksum by chance; then it is PGM by all that can be told.
            if text.hasPrefix("udp") { continue }
            #expect(text.contains(" valid "), "seed \(seed): \(text)")
            bench = DissectorBench()
        }
    }

    @Test func `packets that offload glued together come one by one`() {
        var bench = DissectorBench()
        let packets = [
            PacketBytes.odata(1, Array(repeating: 1, count: 100)),
            PacketBytes.odata(2, Array(repeating: 2, count: 100)),
            PacketBytes.odata(3, Array(repeating: 3, count: 40)),
        ]
        var texts: [String] = []
        bench.dissect(frame(packets.flatMap { $0 }), linkType: .raw) { dissection in
            texts.append(DissectorBench.text(dissection))
        }
        #expect(texts == ["ODATA 1 valid udp 100+0"])
        let bytes = frame(packets.flatMap { $0 })
        bytes.withUnsafeBytes { octets in
            let packet = CapturedPacket(
                number: 1,
                nanoseconds: 0,
                interface: 0,
                linkType: .raw,
                originalByteCount: octets.count,
                bytes: octets
            )
            texts = [DissectorBench.text(bench.dissector.dissect(packet, of: 0))]
            while let next = bench.dissector.nextDissection() {
                texts.append(DissectorBench.text(next))
            }
        }
        #expect(
            texts == [
                "ODATA 1 valid udp 100+0", "ODATA 2 valid udp 100+0", "ODATA 3 valid udp 40+0",
            ]
        )
        // A single packet leaves nothing over.
        bench.dissect(frame(packets[0]), linkType: .raw) { _ in }
        if bench.dissector.nextDissection() != nil { Issue.record("a packet too many") }
    }
}
