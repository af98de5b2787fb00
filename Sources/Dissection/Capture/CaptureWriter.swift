/// Writes packets as a capture: what a filter keeps of others, with their times, lengths and interfaces.
public struct CaptureWriter {
    public enum Format: Sendable, Equatable {
        /// One link type, one interface.
        case pcap(isNanosecond: Bool)
        case pcapng
    }

    public let format: Format
    /// Octets that are ready to be written; whoever writes them empties it.
    public var bytes: [UInt8] = []
    public private(set) var packetCount = 0

    private var linkType: LinkType?
    private var interfaces: [InterfaceKey: UInt32] = [:]

    private struct InterfaceKey: Hashable {
        var capture: Int
        var interface: Int
    }

    public init(_ format: Format) {
        self.format = format
    }

    /// Adds a packet, with what its capture says about its interface. False when the format cannot hold it beside the
    /// others: pcap knows one link type only.
    public mutating func write(
        _ packet: CapturedPacket,
        of capture: Int,
        _ interface: CaptureInterface?
    ) -> Bool {
        switch format {
        case .pcap(let isNanosecond):
            if linkType == nil { beginPcap(packet, interface, isNanosecond: isNanosecond) }
            guard linkType == packet.linkType else { return false }
            writePcap(packet, isNanosecond: isNanosecond)
        case .pcapng:
            if interfaces.isEmpty { beginPcapng() }
            let key = InterfaceKey(capture: capture, interface: packet.interface)
            let index = interfaces[key] ?? addInterface(key, packet, interface)
            writePcapng(packet, interface: index)
        }
        packetCount += 1
        return true
    }

    /// What even a capture without packets holds.
    public mutating func finish() {
        guard packetCount == 0 else { return }
        switch format {
        case .pcap(let isNanosecond):
            appendPcapHeader(.ethernet, snapLength: 262_144, isNanosecond: isNanosecond)
        case .pcapng: beginPcapng()
        }
    }

    // pcap

    private mutating func beginPcap(
        _ packet: CapturedPacket,
        _ interface: CaptureInterface?,
        isNanosecond: Bool
    ) {
        linkType = packet.linkType
        let snapLength = interface?.snapLength ?? 0
        appendPcapHeader(
            packet.linkType,
            snapLength: snapLength == 0 ? 262_144 : snapLength,
            isNanosecond: isNanosecond
        )
    }

    private mutating func appendPcapHeader(
        _ linkType: LinkType,
        snapLength: Int,
        isNanosecond: Bool
    ) {
        append(isNanosecond ? 0xA1B2_3C4D : 0xA1B2_C3D4)
        append(2 | 4 << 16)
        append(0)
        append(0)
        append(UInt32(clamping: snapLength))
        append(linkType.rawValue)
    }

    private mutating func writePcap(_ packet: CapturedPacket, isNanosecond: Bool) {
        let nanoseconds = max(0, packet.nanoseconds)
        append(UInt32(clamping: nanoseconds / 1_000_000_000))
        let fraction = nanoseconds % 1_000_000_000
        append(UInt32(isNanosecond ? fraction : fraction / 1_000))
        append(UInt32(clamping: packet.bytes.count))
        append(UInt32(clamping: packet.originalByteCount))
        bytes.append(contentsOf: packet.bytes)
    }

    // pcapng

    private mutating func beginPcapng() {
        appendBlock(PcapngDecoder.sectionHeaderType) { writer in
            writer.append(0x1A2B_3C4D)
            writer.append(1)
            writer.append(.max)
            writer.append(.max)
        }
    }

    private mutating func addInterface(
        _ key: InterfaceKey,
        _ packet: CapturedPacket,
        _ interface: CaptureInterface?
    ) -> UInt32 {
        let index = UInt32(interfaces.count)
        interfaces[key] = index
        appendBlock(1) { writer in
            writer.append(packet.linkType.rawValue & 0xFFFF)
            writer.append(UInt32(clamping: interface?.snapLength ?? 0))
            if let name = interface?.name { writer.appendOption(2, Array(name.utf8)) }
            if let note = interface?.note { writer.appendOption(3, Array(note.utf8)) }
            // Nanoseconds.
            writer.appendOption(9, [9])
            writer.append(0)
        }
        return index
    }

    private mutating func writePcapng(_ packet: CapturedPacket, interface: UInt32) {
        let nanoseconds = UInt64(max(0, packet.nanoseconds))
        appendBlock(6) { writer in
            writer.append(interface)
            writer.append(UInt32(truncatingIfNeeded: nanoseconds >> 32))
            writer.append(UInt32(truncatingIfNeeded: nanoseconds))
            writer.append(UInt32(clamping: packet.bytes.count))
            writer.append(UInt32(clamping: packet.originalByteCount))
            writer.bytes.append(contentsOf: packet.bytes)
            writer.pad(after: packet.bytes.count)
            guard packet.dropCount > 0 else { return }
            let count = UInt64(packet.dropCount).littleEndian
            writer.appendOption(4, withUnsafeBytes(of: count) { Array($0) })
            writer.append(0)
        }
    }

    private mutating func appendBlock(_ type: UInt32, _ body: (inout CaptureWriter) -> Void) {
        let start = bytes.count
        append(type)
        append(0)
        body(&self)
        let byteCount = UInt32(clamping: bytes.count - start + 4)
        append(byteCount)
        withUnsafeBytes(of: byteCount.littleEndian) { length in
            bytes.replaceSubrange((start + 4)..<(start + 8), with: length)
        }
    }

    private mutating func appendOption(_ code: UInt32, _ value: [UInt8]) {
        let kept = value.prefix(Int(UInt16.max))
        append(code | UInt32(kept.count) << 16)
        bytes.append(contentsOf: kept)
        pad(after: kept.count)
    }

    private mutating func pad(after count: Int) {
        bytes.append(contentsOf: repeatElement(0, count: -count & 3))
    }

    /// Little-endian, whatever this machine is.
    private mutating func append(_ number: UInt32) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}
