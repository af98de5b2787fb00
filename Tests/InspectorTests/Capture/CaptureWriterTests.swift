import Dissection
import Testing

@Suite struct CaptureWriterTests {
    private func copy(
        _ bytes: [UInt8],
        as format: CaptureWriter.Format
    ) -> (written: [UInt8], isTaken: Bool) {
        var writer = CaptureWriter(format)
        var isTaken = true
        let reader = CaptureReader()
        bytes.withUnsafeBytes { all in
            reader.handle(all)
            while let packet = reader.nextPacket() {
                isTaken =
                    writer.write(packet, of: 0, reader.contents.interfaces[packet.interface])
                    && isTaken
            }
        }
        writer.finish()
        return (writer.bytes, isTaken)
    }

    private var twoInterfaces: [UInt8] {
        var capture = CaptureBytes(isBigEndian: true)
        capture.appendSection()
        capture.appendInterface(name: "eth0")
        capture.appendInterface(linkType: 101, snapLength: 2, name: "tun0", resolution: 9)
        capture.appendEnhancedPacket([1, 2, 3, 4, 5])
        capture.appendEnhancedPacket(
            [6, 7],
            interface: 1,
            ticks: 1_700_000_001_000_000_001,
            originalByteCount: 90,
            dropCount: 5
        )
        return capture.bytes
    }

    @Test func `pcapng keeps times, lengths, interfaces and drops`() {
        let original = CaptureReader.read(twoInterfaces)
        let (written, isTaken) = copy(twoInterfaces, as: .pcapng)
        let copied = CaptureReader.read(written)
        #expect(isTaken && copied.contents.isWhole)
        #expect(copied.packets == original.packets)
        #expect(copied.contents.interfaces == original.contents.interfaces)
    }

    @Test(arguments: [true, false]) func `pcap keeps times as well as it can`(isNanosecond: Bool) {
        var capture = CaptureBytes()
        capture.appendPcapHeader(magic: 0xA1B2_3C4D, snapLength: 77, linkType: 276)
        capture.appendRecord([1, 2, 3], fraction: 123_456_789, originalByteCount: 40)
        let (written, isTaken) = copy(capture.bytes, as: .pcap(isNanosecond: isNanosecond))
        let copied = CaptureReader.read(written)
        #expect(isTaken && copied.contents.isWhole)
        #expect(copied.packets.map(\.bytes) == [[1, 2, 3]])
        #expect(copied.packets[0].linkType == .linuxSLL2)
        #expect(copied.packets[0].originalByteCount == 40)
        #expect(
            copied.packets[0].nanoseconds % 1_000_000_000
                == (isNanosecond ? 123_456_789 : 123_456_000)
        )
        #expect(copied.contents.interfaces[0].snapLength == 77)
    }

    @Test func `pcap holds one link type`() {
        #expect(!copy(twoInterfaces, as: .pcap(isNanosecond: true)).isTaken)
    }

    @Test(arguments: [CaptureWriter.Format.pcapng, .pcap(isNanosecond: false)])
    func `no packets make a capture as well`(format: CaptureWriter.Format) {
        var writer = CaptureWriter(format)
        writer.finish()
        let read = CaptureReader.read(writer.bytes)
        #expect(read.packets.isEmpty && read.contents.isWhole)
        #expect(read.contents.format != .unknown)
    }
}
