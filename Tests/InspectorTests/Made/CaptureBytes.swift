import Dissection

/// Captures made octet by octet, in every form that writers use.
struct CaptureBytes {
    var bytes: [UInt8] = []
    var isBigEndian = false

    init(isBigEndian: Bool = false) {
        self.isBigEndian = isBigEndian
    }

    mutating func append32(_ number: UInt32) {
        bytes += (0..<4).map {
            UInt8(truncatingIfNeeded: number >> UInt32((isBigEndian ? 3 - $0 : $0) * 8))
        }
    }

    mutating func append16(_ number: UInt16) {
        bytes += (0..<2).map {
            UInt8(truncatingIfNeeded: number >> UInt16((isBigEndian ? 1 - $0 : $0) * 8))
        }
    }

    mutating func append64(_ number: UInt64) {
        let halves = [UInt32(truncatingIfNeeded: number >> 32), UInt32(truncatingIfNeeded: number)]
        for half in isBigEndian ? halves : halves.reversed() { append32(half) }
    }

    // pcap

    mutating func appendPcapHeader(
        magic: UInt32 = 0xA1B2_C3D4,
        minorVersion: UInt16 = 4,
        snapLength: UInt32 = 262_144,
        linkType: UInt32 = 1
    ) {
        append32(magic)
        append16(2)
        append16(minorVersion)
        append32(0)
        append32(0)
        append32(snapLength)
        append32(linkType)
    }

    mutating func appendRecord(
        _ packet: [UInt8],
        seconds: UInt32 = 1_700_000_000,
        fraction: UInt32 = 0,
        originalByteCount: Int? = nil,
        extra: [UInt8] = []
    ) {
        append32(seconds)
        append32(fraction)
        append32(UInt32(packet.count))
        append32(UInt32(originalByteCount ?? packet.count))
        bytes += extra + packet
    }

    // pcapng

    mutating func appendBlock(_ type: UInt32, _ body: (inout CaptureBytes) -> Void) {
        var content = CaptureBytes(isBigEndian: isBigEndian)
        body(&content)
        content.pad()
        let byteCount = UInt32(content.bytes.count + 12)
        append32(type)
        append32(byteCount)
        bytes += content.bytes
        append32(byteCount)
    }

    mutating func appendSection(comment: String? = nil) {
        appendBlock(0x0A0D_0D0A) { block in
            block.append32(0x1A2B_3C4D)
            block.append16(1)
            block.append16(0)
            block.append64(.max)
            if let comment { block.appendOption(1, Array(comment.utf8)) }
        }
    }

    mutating func appendInterface(
        linkType: UInt16 = 1,
        snapLength: UInt32 = 0,
        name: String? = nil,
        resolution: UInt8? = nil,
        offsetSeconds: Int64? = nil
    ) {
        appendBlock(1) { block in
            block.append16(linkType)
            block.append16(0)
            block.append32(snapLength)
            if let name { block.appendOption(2, Array(name.utf8)) }
            if let resolution { block.appendOption(9, [resolution]) }
            if let offsetSeconds {
                var value = CaptureBytes(isBigEndian: block.isBigEndian)
                value.append64(UInt64(bitPattern: offsetSeconds))
                block.appendOption(14, value.bytes)
            }
        }
    }

    mutating func appendEnhancedPacket(
        _ packet: [UInt8],
        interface: UInt32 = 0,
        ticks: UInt64 = 1_700_000_000_000_000,
        originalByteCount: Int? = nil,
        dropCount: UInt64? = nil,
        comment: String? = nil
    ) {
        appendBlock(6) { block in
            block.append32(interface)
            block.append32(UInt32(truncatingIfNeeded: ticks >> 32))
            block.append32(UInt32(truncatingIfNeeded: ticks))
            block.append32(UInt32(packet.count))
            block.append32(UInt32(originalByteCount ?? packet.count))
            block.bytes += packet
            block.pad()
            if let comment { block.appendOption(1, Array(comment.utf8)) }
            if let dropCount {
                var value = CaptureBytes(isBigEndian: block.isBigEndian)
                value.append64(dropCount)
                block.appendOption(4, value.bytes)
            }
        }
    }

    mutating func appendOption(_ code: UInt16, _ value: [UInt8]) {
        append16(code)
        append16(UInt16(value.count))
        bytes += value
        pad()
    }

    mutating func pad() {
        bytes += [UInt8](repeating: 0, count: -bytes.count & 3)
    }
}

/// A packet of a capture, copied.
struct ReadPacket: Equatable {
    var number: Int
    var nanoseconds: Int64
    var interface: Int
    var linkType: LinkType
    var originalByteCount: Int
    var bytes: [UInt8]
    var dropCount: Int

    init(_ packet: CapturedPacket) {
        number = packet.number
        nanoseconds = packet.nanoseconds
        interface = packet.interface
        linkType = packet.linkType
        originalByteCount = packet.originalByteCount
        bytes = Array(packet.bytes)
        dropCount = packet.dropCount
    }
}

extension CaptureReader {
    /// All packets of these octets, handed over in chunks of that size.
    static func read(
        _ bytes: [UInt8],
        chunkByteCount: Int = .max
    ) -> (packets: [ReadPacket], contents: CaptureContents) {
        let reader = CaptureReader()
        var packets: [ReadPacket] = []
        bytes.withUnsafeBytes { all in
            var offset = 0
            while offset < all.count {
                let count = min(chunkByteCount, all.count - offset)
                // A copy of the exact size: reading past its end is what an address sanitiser would see.
                let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
                chunk.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: all[offset..<(offset + count)])
                )
                reader.handle(UnsafeRawBufferPointer(chunk))
                while let packet = reader.nextPacket() { packets.append(ReadPacket(packet)) }
                chunk.initializeMemory(as: UInt8.self, repeating: 0xEE)
                chunk.deallocate()
                offset += count
            }
        }
        reader.handleEnd()
        while let packet = reader.nextPacket() { packets.append(ReadPacket(packet)) }
        return (packets, reader.contents)
    }
}
