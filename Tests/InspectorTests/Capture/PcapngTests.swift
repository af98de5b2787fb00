import Dissection
import Testing

@Suite struct PcapngTests {
    @Test(arguments: [false, true])
    func `sections, interfaces and packets of every kind`(isBigEndian: Bool) {
        var capture = CaptureBytes(isBigEndian: isBigEndian)
        capture.appendSection(comment: "made for a test")
        capture.appendInterface(name: "eth0")
        capture.appendInterface(linkType: 113, snapLength: 4, name: "any", resolution: 9)
        capture.appendEnhancedPacket([1, 2, 3], comment: "first")
        capture.appendEnhancedPacket(
            [4, 5, 6, 7],
            interface: 1,
            ticks: 1_700_000_001_000_000_001,
            originalByteCount: 90,
            dropCount: 5
        )
        // A simple packet: interface 0, its length from the block's.
        capture.appendBlock(3) { block in
            block.append32(2)
            block.bytes += [8, 9]
        }
        // The old packet block.
        capture.appendBlock(2) { block in
            block.append16(1)
            block.append16(3)
            block.append64(0)
            block.append32(1)
            block.append32(1)
            block.bytes += [10]
        }
        // The other byte order in the next section, whose interfaces are others.
        capture.isBigEndian.toggle()
        capture.appendSection()
        capture.appendInterface(linkType: 101)
        capture.appendEnhancedPacket([0x45])
        for chunkByteCount in [1, 5, 64, 10_000] {
            let (packets, contents) = CaptureReader.read(
                capture.bytes,
                chunkByteCount: chunkByteCount
            )
            #expect(
                packets.map(\.bytes) == [[1, 2, 3], [4, 5, 6, 7], [8, 9], [10], [0x45]]
            )
            #expect(packets.map(\.interface) == [0, 1, 0, 1, 2])
            #expect(
                packets.map(\.linkType) == [.ethernet, .linuxSLL, .ethernet, .linuxSLL, .raw]
            )
            #expect(packets.map(\.dropCount) == [0, 5, 0, 3, 0])
            #expect(packets[0].nanoseconds == 1_700_000_000_000_000_000)
            #expect(packets[1].nanoseconds == 1_700_000_001_000_000_001)
            #expect(packets[1].originalByteCount == 90)
            #expect(contents.format == .pcapng(isBigEndian: isBigEndian))
            #expect(contents.interfaces.map(\.name) == ["eth0", "any", nil])
            #expect(contents.interfaces.map(\.packetCount) == [2, 2, 1])
            #expect(contents.interfaces[1].drops.total == 8)
            #expect(contents.comments == ["made for a test", "packet 1: first"])
            #expect(contents.notices.map(\.reason) == [.missingTimestamps])
        }
    }

    @Test(
        arguments: [
            // Option, ticks, nanoseconds.
            (3, 1_500, 1_500_000_000), (6, 7, 7_000), (9, 7, 7), (12, 7_999, 7),
            (0, 2, 2_000_000_000),
            (0x80 | 10, 1_024 + 512, 1_500_000_000), (0x80 | 0, 3, 3_000_000_000),
            (0x80 | 32, 3 << 31, 1_500_000_000), (0x80 | 63, 1 << 62, 500_000_000),
            (0x80 | 64, .max, 999_999_999), (0x80 | 127, .max, 0), (127, .max, 0),
        ] as [(UInt8, UInt64, Int64)]
    )
    func `time stamps of every resolution`(option: UInt8, ticks: UInt64, nanoseconds: Int64) {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendInterface(resolution: option, offsetSeconds: -1)
        capture.appendEnhancedPacket([1], ticks: ticks)
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.first?.nanoseconds == nanoseconds - 1_000_000_000)
        #expect(contents.isWhole)
    }

    @Test(
        arguments: [(6, 1 << 63, 0), (0, 1 << 40, 0), (9, 5, Int64.max), (0x80, .max, 0)]
            as [(UInt8, UInt64, Int64)]
    )
    func `a time that cannot be is said`(option: UInt8, ticks: UInt64, offsetSeconds: Int64) {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendInterface(resolution: option, offsetSeconds: offsetSeconds)
        capture.appendEnhancedPacket([1], ticks: ticks)
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.map(\.nanoseconds) == [0])
        #expect(contents.notices.map(\.reason) == [.timestampOutOfRange])
    }

    @Test func `names, drops and filters are kept`() {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendBlock(1) { block in
            block.append16(1)
            block.append16(0)
            block.append32(0)
            block.appendOption(11, [0] + Array("udp port 5555".utf8))
            block.appendOption(3, Array("the\u{1B}[31m uplink\0".utf8))
        }
        capture.appendBlock(4) { block in
            block.append16(1)
            block.append16(10)
            block.bytes += [10, 77, 0, 1] + Array("alpha".utf8) + [0]
            block.pad()
            block.append16(2)
            block.append16(18)
            block.bytes += [UInt8](repeating: 0, count: 15) + [1] + Array("b".utf8) + [0]
            block.pad()
            block.append32(0)
        }
        for (code, count) in [(5, 4), (7, 6), (7, 9)] as [(UInt16, UInt64)] {
            capture.appendBlock(5) { block in
                block.append32(0)
                block.append64(0)
                block.append16(code)
                block.append16(8)
                block.append64(count)
            }
        }
        let (_, contents) = CaptureReader.read(capture.bytes)
        #expect(contents.isWhole)
        #expect(contents.interfaces[0].filter == "udp port 5555")
        #expect(contents.interfaces[0].note == "the [31m uplink")
        #expect(contents.interfaces[0].drops == CaptureDrops(kernel: 9, interface: 4))
        #expect(IPAddress("10.77.0.1").map { contents.names[$0] } == "alpha")
        #expect(IPAddress("::1").map { contents.names[$0] } == "b")
    }

    @Test func `blocks that nobody here knows are passed over in silence`() {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendInterface()
        capture.appendBlock(0x0000_0BAD) { $0.append32(7) }
        capture.appendBlock(0x8000_0001) { $0.append64(7) }
        capture.appendEnhancedPacket([1])
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.count == 1 && contents.isWhole)
    }

    @Test func `packet blocks that contradict themselves are said and cost no other`() {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendInterface()
        capture.appendEnhancedPacket([1], interface: 7)
        capture.appendBlock(6) { $0.append32(0) }
        capture.appendBlock(6) { block in
            for number in [0, 0, 0, 1_000, 1_000] as [UInt32] { block.append32(number) }
        }
        capture.appendEnhancedPacket([2])
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.map(\.bytes) == [[2]])
        #expect(
            contents.notices.map(\.reason) == [
                .unknownInterface, .badPacketBlock, .badPacketBlock,
            ]
        )
    }

    @Test func `damage is passed over up to the next whole block`() {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendInterface()
        capture.appendEnhancedPacket([1])
        let damage = capture.bytes.count
        capture.appendEnhancedPacket([2])
        // The length at its end.
        capture.bytes[capture.bytes.count - 2] ^= 1
        capture.appendEnhancedPacket([3])
        capture.bytes += Array(repeating: 0xA5, count: 37)
        capture.appendEnhancedPacket([4])
        for chunkByteCount in [1, 19, 10_000] {
            let (packets, contents) = CaptureReader.read(
                capture.bytes,
                chunkByteCount: chunkByteCount
            )
            #expect(packets.map(\.bytes) == [[1], [3], [4]])
            #expect(contents.notices.map(\.reason) == [.corruptBlock, .corruptBlock])
            #expect(contents.notices.first?.offset == damage)
            #expect(contents.skippedByteCount == 36 + 37)
        }
    }

    @Test func `a block that claims gigabytes is not waited for`() {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendInterface()
        capture.append32(6)
        capture.append32(0xF000_0000)
        capture.appendEnhancedPacket([4])
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.map(\.bytes) == [[4]])
        #expect(contents.notices.map(\.reason) == [.oversizedBlock])
    }

    @Test func `a file cut anywhere gives what came before and says the rest`() {
        var capture = CaptureBytes()
        capture.appendSection()
        capture.appendInterface()
        let first = capture.bytes.count
        capture.appendEnhancedPacket(Array(repeating: 1, count: 60))
        capture.appendEnhancedPacket(Array(repeating: 2, count: 60))
        let second = first + (capture.bytes.count - first) / 2
        for count in (second + 1)..<capture.bytes.count {
            let (packets, contents) = CaptureReader.read(Array(capture.bytes[..<count]))
            #expect(packets.count == 1)
            #expect(
                contents.notices == [
                    CaptureNotice(reason: .truncated, offset: second, byteCount: count - second)
                ]
            )
        }
    }
}
