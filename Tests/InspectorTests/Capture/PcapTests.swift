import Dissection
import Testing

@Suite struct PcapTests {
    private static let magics: [(magic: UInt32, nanosecondsPerTick: Int64)] = [
        (0xA1B2_C3D4, 1_000), (0xA1B2_3C4D, 1), (0xA1B2_CD34, 1_000),
    ]

    @Test(arguments: [false, true], 0..<3)
    func `all variants are read in chunks of any size`(isBigEndian: Bool, variant: Int) {
        let (magic, nanosecondsPerTick) = Self.magics[variant]
        var capture = CaptureBytes(isBigEndian: isBigEndian)
        // The upper bits of the link type tell of a frame check sequence.
        capture.appendPcapHeader(magic: magic, linkType: 0x5400_0001)
        let contents: [[UInt8]] = [Array(0..<60), [], Array(repeating: 7, count: 1_500)]
        for (index, packet) in contents.enumerated() {
            capture.appendRecord(
                packet,
                seconds: 1_700_000_000 + UInt32(index),
                fraction: 123_456,
                extra: magic == 0xA1B2_CD34 ? Array(repeating: 9, count: 8) : []
            )
        }
        for chunkByteCount in [1, 3, 16, 17, 40, 100, 4_096] {
            let (packets, read) = CaptureReader.read(
                capture.bytes,
                chunkByteCount: chunkByteCount
            )
            #expect(packets.map(\.bytes) == contents)
            #expect(packets.map(\.number) == [1, 2, 3])
            #expect(packets.allSatisfy { $0.linkType == .ethernet })
            #expect(
                packets.map(\.nanoseconds)
                    == (0..<3).map {
                        (1_700_000_000 + $0) * 1_000_000_000 + 123_456 * nanosecondsPerTick
                    }
            )
            #expect(read.isWhole && read.packetCount == 3)
            #expect(read.byteCount == capture.bytes.count)
            #expect(
                read.format
                    == .pcap(
                        isNanosecond: nanosecondsPerTick == 1,
                        isBigEndian: isBigEndian,
                        isModified: magic == 0xA1B2_CD34
                    )
            )
        }
    }

    @Test func `records that say more was captured than there was are read, and counted`() {
        var capture = CaptureBytes()
        capture.appendPcapHeader()
        let packets = (0..<20 as Range<UInt8>).map { [UInt8](repeating: $0, count: 60) }
        for packet in packets { capture.appendRecord(packet, originalByteCount: 46) }
        for chunkByteCount in [1, 77, 100_000] {
            let (read, contents) = CaptureReader.read(
                capture.bytes,
                chunkByteCount: chunkByteCount
            )
            #expect(read.map(\.bytes) == packets)
            #expect(read.allSatisfy { $0.originalByteCount == 60 })
            #expect(contents.isWhole && contents.excessLengthCount == 20)
        }
        // Damage among them is passed over as elsewhere.
        var damaged = capture.bytes
        damaged.replaceSubrange((24 + 5 * 76 + 8)..<(24 + 5 * 76 + 12), with: [9, 9, 9, 9])
        let (read, contents) = CaptureReader.read(damaged)
        #expect(read.map(\.bytes) == Array(packets[..<5] + packets[6...]))
        #expect(contents.count(of: .corruptRecord) == 1)
    }

    @Test func `packets cut by the snap length keep their length on the wire`() {
        var capture = CaptureBytes()
        capture.appendPcapHeader(snapLength: 4)
        capture.appendRecord([1, 2, 3, 4], originalByteCount: 1_000)
        capture.appendRecord([1, 2, 3])
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.map(\.originalByteCount) == [1_000, 3])
        #expect(contents.interfaces[0].cutPacketCount == 1)
        #expect(contents.interfaces[0].snapLength == 4)
    }

    @Test func `lengths that old writers exchanged are put right`() {
        var capture = CaptureBytes()
        capture.appendPcapHeader(minorVersion: 2)
        capture.append32(1)
        capture.append32(0)
        capture.append32(100)
        capture.append32(3)
        capture.bytes += [1, 2, 3]
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.map(\.bytes) == [[1, 2, 3]])
        #expect(packets.map(\.originalByteCount) == [100])
        #expect(contents.isWhole)
    }

    @Test(arguments: 1..<76) func `a capture that ends early says so`(missing: Int) {
        var capture = CaptureBytes()
        capture.appendPcapHeader()
        capture.appendRecord(Array(repeating: 1, count: 60))
        capture.appendRecord(Array(repeating: 2, count: 60))
        let whole = capture.bytes.count
        for chunkByteCount in [7, 4_096] {
            let (packets, contents) = CaptureReader.read(
                Array(capture.bytes.dropLast(missing)),
                chunkByteCount: chunkByteCount
            )
            #expect(packets.map(\.bytes) == [Array(repeating: 1, count: 60)])
            #expect(
                contents.notices == [
                    CaptureNotice(
                        reason: .truncated,
                        offset: whole - 76,
                        byteCount: 76 - missing
                    )
                ]
            )
            #expect(contents.byteCount == whole - missing)
        }
    }

    @Test func `damage between records is passed over, with its place and length`() {
        var capture = CaptureBytes()
        capture.appendPcapHeader()
        for index in 0..<5 { capture.appendRecord(Array(repeating: UInt8(index), count: 60)) }
        let damage = capture.bytes.count
        capture.bytes += Array(repeating: 0xFF, count: 1_001)
        for index in 5..<10 { capture.appendRecord(Array(repeating: UInt8(index), count: 60)) }
        for chunkByteCount in [1, 64, 333, 100_000] {
            let (packets, contents) = CaptureReader.read(
                capture.bytes,
                chunkByteCount: chunkByteCount
            )
            #expect(packets.map { $0.bytes.first } == (0..<10).map { UInt8($0) })
            #expect(
                contents.notices == [
                    CaptureNotice(reason: .corruptRecord, offset: damage, byteCount: 1_001)
                ]
            )
            #expect(contents.skippedByteCount == 1_001)
        }
    }

    @Test func `a record whose length was damaged costs itself only`() {
        var capture = CaptureBytes()
        capture.appendPcapHeader(snapLength: 262_144)
        for index in 0..<20 { capture.appendRecord(Array(repeating: UInt8(index), count: 60)) }
        // The captured length of the sixth, no longer less than its length on the wire.
        capture.bytes[24 + 5 * 76 + 10] = 2
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.count == 19)
        #expect(contents.count(of: .corruptRecord) == 1)
        #expect(contents.skippedByteCount == 76)
    }

    @Test func `a writer that keeps more than its snap length is believed`() {
        var capture = CaptureBytes()
        capture.appendPcapHeader(snapLength: 10)
        for index in 0..<4 { capture.appendRecord(Array(repeating: UInt8(index), count: 60)) }
        let (packets, contents) = CaptureReader.read(capture.bytes)
        #expect(packets.count == 4 && contents.isWhole)
    }

    @Test(arguments: [
        [], [0xD4], [0xD4, 0xC3, 0xB2, 0xA1], Array("no capture at all".utf8),
        [0x0A, 0x0D, 0x0D, 0x0A],
    ])
    func `what is no capture is said to be none`(bytes: [UInt8]) {
        let (packets, contents) = CaptureReader.read(bytes, chunkByteCount: 2)
        #expect(packets.isEmpty && !contents.isWhole)
        #expect(contents.byteCount == bytes.count)
    }
}
