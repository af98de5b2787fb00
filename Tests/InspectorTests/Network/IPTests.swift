import Dissection
import Testing

@Suite struct IPTests {
    private let udp = PacketBytes.udp(PacketBytes.odata(3))

    @Test func `header fields of IPv4, with options`() {
        var bench = DissectorBench()
        let bytes = PacketBytes.ipv4(udp, timeToLive: 9, options: [0x94, 4, 0, 0])
        bench.dissect(bytes, linkType: .raw, nanoseconds: 77) { dissection in
            guard case .pgm(let pgm) = dissection else { return #expect(Bool(false)) }
            let datagram = pgm.datagram
            #expect(datagram.source == PacketBytes.source)
            #expect(datagram.destination == PacketBytes.group)
            #expect(datagram.timeToLive == 9 && datagram.trafficClass == 0xB8)
            #expect(datagram.protocolNumber == 17 && !datagram.isReassembled)
            #expect(datagram.nanoseconds == 77 && datagram.packetNumber == 1)
            #expect(pgm.encapsulation == .udp(sourcePort: 40_000, destinationPort: 5_555))
        }
    }

    @Test func `header fields of IPv6, behind extension headers`() {
        var bench = DissectorBench()
        // Hop-by-hop, authentication, destination options.
        let extensions: [UInt8] =
            [51, 0, 5, 2, 0, 0, 1, 0] + [60, 2] + Array(repeating: 0, count: 14) + [17, 0, 1, 4]
            + [0, 0, 0, 0]
        bench.dissect(
            PacketBytes.ipv6(extensions + udp, nextHeader: 0, hopLimit: 3),
            linkType: .raw
        ) { dissection in
            guard case .pgm(let pgm) = dissection else { return #expect(Bool(false)) }
            #expect(pgm.datagram.source == PacketBytes.source6)
            #expect(pgm.datagram.destination == PacketBytes.group6)
            #expect(pgm.datagram.timeToLive == 3 && pgm.datagram.trafficClass == 0xB8)
            #expect(pgm.datagram.protocolNumber == 17)
        }
    }

    @Test func `headers that cannot be are named`() {
        var bench = DissectorBench()
        let text = { (change: (inout [UInt8]) -> Void) in
            var bytes = PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(3)))
            change(&bytes)
            return bench.text(bytes, linkType: .ipv4)
        }
        #expect(text { $0[0] = 0x44 } == "skipped bad-ip-header")
        #expect(text { $0[3] = 19 } == "skipped bad-ip-header")
        #expect(text { _ in } == "ODATA 3 valid udp 5+0")
        #expect(text { $0[19] ^= 1 } == "skipped bad-ip-checksum")
        #expect(text { $0[0] = 0x46 } == "skipped bad-ip-checksum")
        #expect(text { $0.removeLast($0.count - 19) } == "skipped short-ip-header")
        // Left to the network card: zero.
        #expect(text { $0.replaceSubrange(10...11, with: [0, 0]) } == "ODATA 3 valid udp 5+0")
        #expect(
            text {
                $0.replaceSubrange(10...11, with: [0, 0]); $0.replaceSubrange(2...3, with: [0, 0])
            }
                == "ODATA 3 valid udp 5+0"
        )
        #expect(
            text {
                $0[24] = 0; $0[25] = 7
            } == "skipped bad-transport-header"
        )
        #expect(text { $0[24] = 9 } == "skipped bad-transport-header")
    }

    @Test func `extension headers that cannot be are named`() {
        var bench = DissectorBench()
        let endless = Array(repeating: [UInt8](arrayLiteral: 0, 0, 1, 4, 0, 0, 0, 0), count: 17)
        #expect(
            bench.text(PacketBytes.ipv6(endless.flatMap { $0 }, nextHeader: 0), linkType: .raw)
                == "skipped bad-extension-header"
        )
        #expect(
            bench.text(
                PacketBytes.ipv6([17, 200, 0, 0, 0, 0, 0, 0], nextHeader: 60),
                linkType: .raw
            ) == "skipped bad-extension-header"
        )
        #expect(
            bench.text(PacketBytes.ipv6([17], nextHeader: 60), linkType: .raw)
                == "skipped bad-extension-header"
        )
    }

    @Test func `transport headers`() {
        var bench = DissectorBench()
        let tcp = PacketBytes.tcp([1, 2, 3], options: [1, 1, 1, 0])
        bench.dissect(PacketBytes.ipv4(tcp, protocolNumber: 6), linkType: .raw) { dissection in
            guard case .tcp(let segment) = dissection else { return #expect(Bool(false)) }
            #expect(segment.sourcePort == 50_000 && segment.destinationPort == 5_556)
            #expect(segment.sequence == 1_000 && segment.acknowledgement == 2_000)
            #expect(segment.flags == [.psh, .ack] && segment.window == 512)
            #expect(Array(segment.payload) == [1, 2, 3])
        }
        var broken = tcp
        broken[12] = 0x40
        #expect(
            bench.text(PacketBytes.ipv4(broken, protocolNumber: 6), linkType: .raw)
                == "skipped bad-transport-header"
        )
        #expect(
            bench.text(PacketBytes.ipv4([8, 0, 0, 0], protocolNumber: 1), linkType: .raw)
                == "unread ip-protocol 1"
        )
        #expect(
            bench.text(PacketBytes.ipv4(PacketBytes.udp([1, 2])), linkType: .raw)
                == "udp 5555 2+0"
        )
        // Octets that the IP header does not count are padding.
        #expect(
            bench.text(PacketBytes.ipv4(PacketBytes.udp([1, 2])) + [9, 9, 9], linkType: .raw)
                == "udp 5555 2+0"
        )
    }

    @Test func `what the snap length cut is counted`() {
        var bench = DissectorBench()
        let whole = PacketBytes.ipv4(PacketBytes.udp(PacketBytes.odata(3)))
        let cut = { (count: Int) in Array(whole.prefix(count)) }
        #expect(bench.text(whole, linkType: .raw) == "ODATA 3 valid udp 5+0")
        #expect(
            bench.text(cut(whole.count - 2), linkType: .raw, originalByteCount: whole.count)
                == "ODATA 3 unknown udp 3+2"
        )
        #expect(
            bench.text(cut(24), linkType: .raw, originalByteCount: whole.count)
                == "skipped short-transport-header"
        )
        let tcp = PacketBytes.ipv4(PacketBytes.tcp([1, 2, 3]), protocolNumber: 6)
        #expect(
            bench.text(Array(tcp.dropLast(2)), linkType: .raw, originalByteCount: tcp.count)
                == "tcp 1000 1+2"
        )
    }
}
