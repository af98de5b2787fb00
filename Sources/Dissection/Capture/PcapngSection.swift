import Wire

/// What the blocks of one pcapng section mean.
struct PcapngSection {
    private struct Interface {
        /// Index into the interfaces of the whole capture.
        var index: Int
        /// The same of an earlier section, or `index`.
        var continued: Int
        var linkType: LinkType
        var snapLength: Int
        var resolution: TimestampResolution
    }

    var byteOrder = PcapngByteOrder()
    private var interfaces: [Interface] = []
    /// Where those of the sections before begin in the whole capture.
    private var earlierStarts: [Int] = []
    private var start = 0
    private var lastNanoseconds: Int64 = 0
    private var hasNotedMissingTimestamps = false

    /// Takes the body of a block that began at `offset`; gives the packet if it holds one.
    mutating func handleBlock(
        _ type: UInt32,
        _ body: UnsafeRawBufferPointer,
        at offset: Int,
        _ contents: inout CaptureContents
    ) -> CapturedPacket? {
        switch type {
        case 6: return timedPacket(body, isEnhanced: true, at: offset, &contents)
        case 3: return simplePacket(body, at: offset, &contents)
        case 2: return timedPacket(body, isEnhanced: false, at: offset, &contents)
        case 1: handleInterface(body, at: offset, &contents)
        case 4: handleNames(body, &contents)
        case 5: handleStatistics(body, &contents)
        case PcapngDecoder.sectionHeaderType: handleSectionHeader(body, &contents)
        default: break
        }
        return nil
    }

    private func fields(_ body: UnsafeRawBufferPointer, from offset: Int) -> PcapngFields {
        PcapngFields(
            UnsafeRawBufferPointer(rebasing: body[min(offset, body.count)...]),
            byteOrder
        )
    }

    private static let interfaceCountMax = 4096
}

// MARK: - Packets

extension PcapngSection {
    /// Enhanced Packet Blocks, and the Packet Blocks they succeeded: those differ in their first word, and say there instead
    /// of in an option how many packets were dropped.
    ///
    ///     enhanced   interface (32)               | ticks (2 × 32) | captured (32) | original (32) | packet | options
    ///     old        interface (16) | drops (16)  | ticks (2 × 32) | captured (32) | original (32) | packet | options
    @inline(__always)
    private mutating func timedPacket(
        _ body: UnsafeRawBufferPointer,
        isEnhanced: Bool,
        at offset: Int,
        _ contents: inout CaptureContents
    ) -> CapturedPacket? {
        guard body.count >= 20 else { return refuse(.badPacketBlock, body, at: offset, &contents) }
        let index = isEnhanced ? Int(byteOrder.load32(body, 0)) : Int(byteOrder.load16(body, 0))
        guard index < interfaces.count else {
            return refuse(.unknownInterface, body, at: offset, &contents)
        }
        let captured = Int(byteOrder.load32(body, 12))
        guard captured <= body.count - 20 else {
            return refuse(.badPacketBlock, body, at: offset, &contents)
        }
        let ticks = UInt64(byteOrder.load32(body, 4)) << 32 | UInt64(byteOrder.load32(body, 8))
        var packet = makePacket(
            interfaces[index],
            nanoseconds: nanoseconds(ticks, interfaces[index], at: offset, &contents),
            originalByteCount: Int(byteOrder.load32(body, 16)),
            bytes: UnsafeRawBufferPointer(rebasing: body[20..<(20 + captured)]),
            &contents
        )
        if isEnhanced {
            let optionsOffset = 20 + (captured + 3) & ~3
            if optionsOffset < body.count {
                handlePacketOptions(fields(body, from: optionsOffset), &packet, &contents)
            }
        } else {
            let drops = byteOrder.load16(body, 2)
            if drops != .max { addDrops(UInt64(drops), &packet, &contents) }
        }
        return packet
    }

    private mutating func simplePacket(
        _ body: UnsafeRawBufferPointer,
        at offset: Int,
        _ contents: inout CaptureContents
    ) -> CapturedPacket? {
        guard body.count >= 4 else { return refuse(.badPacketBlock, body, at: offset, &contents) }
        guard let interface = interfaces.first else {
            return refuse(.unknownInterface, body, at: offset, &contents)
        }
        let original = Int(byteOrder.load32(body, 0))
        let limit = interface.snapLength == 0 ? original : interface.snapLength
        let captured = min(original, limit)
        // The block tells the captured length only by its own, which is padded.
        guard captured <= body.count - 4 else {
            return refuse(.badPacketBlock, body, at: offset, &contents)
        }
        if !hasNotedMissingTimestamps {
            hasNotedMissingTimestamps = true
            contents.note(.missingTimestamps, offset: offset, byteCount: 0)
        }
        return makePacket(
            interface,
            nanoseconds: lastNanoseconds,
            originalByteCount: original,
            bytes: UnsafeRawBufferPointer(rebasing: body[4..<(4 + captured)]),
            &contents
        )
    }

    @inline(__always)
    private mutating func makePacket(
        _ interface: Interface,
        nanoseconds: Int64,
        originalByteCount: Int,
        bytes: UnsafeRawBufferPointer,
        _ contents: inout CaptureContents
    ) -> CapturedPacket {
        lastNanoseconds = nanoseconds
        contents.packetCount += 1
        contents.interfaces[interface.index].packetCount += 1
        if originalByteCount > bytes.count {
            contents.interfaces[interface.index].cutPacketCount += 1
        } else if originalByteCount < bytes.count {
            contents.excessLengthCount += 1
        }
        var packet = CapturedPacket(
            number: contents.packetCount,
            nanoseconds: nanoseconds,
            interface: interface.index,
            linkType: interface.linkType,
            originalByteCount: max(originalByteCount, bytes.count),
            bytes: bytes
        )
        packet.continuedInterface = interface.continued
        return packet
    }

    private func nanoseconds(
        _ ticks: UInt64,
        _ interface: Interface,
        at offset: Int,
        _ contents: inout CaptureContents
    ) -> Int64 {
        if let nanoseconds = interface.resolution.nanoseconds(ticks: ticks) { return nanoseconds }
        contents.note(.timestampOutOfRange, offset: offset, byteCount: 0)
        return lastNanoseconds
    }

    private func handlePacketOptions(
        _ options: PcapngFields,
        _ packet: inout CapturedPacket,
        _ contents: inout CaptureContents
    ) {
        for option in options {
            switch option.code {
            case 1: contents.addComment("packet \(packet.number): \(option.text)")
            case 4:
                guard let count = option.number64 else { continue }
                addDrops(count, &packet, &contents)
            default: continue
            }
        }
    }

    private func addDrops(
        _ count: UInt64,
        _ packet: inout CapturedPacket,
        _ contents: inout CaptureContents
    ) {
        let count = Int(min(count, UInt64(Self.dropCountMax)))
        packet.dropCount = count
        let before = contents.interfaces[packet.interface].drops.betweenPackets ?? 0
        contents.interfaces[packet.interface].drops.betweenPackets = min(
            before + count,
            Self.dropCountMax
        )
    }

    private func refuse(
        _ reason: CaptureNotice.Reason,
        _ body: UnsafeRawBufferPointer,
        at offset: Int,
        _ contents: inout CaptureContents
    ) -> CapturedPacket? {
        contents.note(reason, offset: offset, byteCount: body.count + 12)
        return nil
    }

    private static let dropCountMax = 1 << 53
}

// MARK: - What is said about packets

extension PcapngSection {
    private mutating func handleSectionHeader(
        _ body: UnsafeRawBufferPointer,
        _ contents: inout CaptureContents
    ) {
        if !interfaces.isEmpty, earlierStarts.count < Self.interfaceCountMax {
            earlierStarts.append(start)
        }
        start = contents.interfaces.count
        interfaces = []
        if contents.format == .unknown {
            contents.format = .pcapng(isBigEndian: byteOrder.isBigEndian)
        }
        for option in fields(body, from: 16) where option.code == 1 {
            contents.addComment(option.text)
        }
    }

    private mutating func handleInterface(
        _ body: UnsafeRawBufferPointer,
        at offset: Int,
        _ contents: inout CaptureContents
    ) {
        guard body.count >= 8 else {
            contents.note(.badPacketBlock, offset: offset, byteCount: body.count + 12)
            return
        }
        guard contents.interfaces.count < Self.interfaceCountMax else {
            contents.note(.tooManyInterfaces, offset: offset, byteCount: body.count + 12)
            return
        }
        let snapLength = Int(byteOrder.load32(body, 4))
        let linkType = LinkType(rawValue: UInt32(byteOrder.load16(body, 0)))
        var interface = CaptureInterface(linkType: linkType, snapLength: snapLength)
        var resolution: UInt8 = 6
        var offsetSeconds: Int64 = 0
        for option in fields(body, from: 8) {
            switch option.code {
            case 1: contents.addComment(option.text)
            case 2: interface.name = option.text
            case 3: interface.note = option.text
            case 9: resolution = option.value.first ?? resolution
            case 11:
                // The first octet says how the filter is written; 0 is libpcap's language.
                guard option.value.first == 0 else { continue }
                interface.filter = PcapngText.text(
                    UnsafeRawBufferPointer(rebasing: option.value.dropFirst())
                )
            case 14:
                guard let seconds = option.number64 else { continue }
                offsetSeconds = Int64(bitPattern: seconds)
            default: continue
            }
        }
        interface.continued = continued(interface, contents)
        interfaces.append(
            Interface(
                index: contents.interfaces.count,
                continued: interface.continued ?? contents.interfaces.count,
                linkType: linkType,
                snapLength: snapLength,
                resolution: TimestampResolution(option: resolution, offsetSeconds: offsetSeconds)
            )
        )
        contents.interfaces.append(interface)
    }

    /// The first interface of an earlier section that had this one's place and description.
    private func continued(_ interface: CaptureInterface, _ contents: CaptureContents) -> Int? {
        for (section, first) in earlierStarts.enumerated() {
            let index = first + interfaces.count
            let end = section + 1 < earlierStarts.count ? earlierStarts[section + 1] : start
            if index < end, contents.interfaces[index].isSame(as: interface) {
                return contents.interfaces[index].continued ?? index
            }
        }
        return nil
    }

    private func handleStatistics(
        _ body: UnsafeRawBufferPointer,
        _ contents: inout CaptureContents
    ) {
        guard body.count >= 12, Int(byteOrder.load32(body, 0)) < interfaces.count else { return }
        let index = interfaces[Int(byteOrder.load32(body, 0))].index
        for option in fields(body, from: 12) where option.code == 5 || option.code == 7 {
            guard let number = option.number64 else { continue }
            let count = Int(min(number, UInt64(Self.dropCountMax)))
            // Counters since the capture began; the last block has the largest.
            if option.code == 5 {
                let before = contents.interfaces[index].drops.interface ?? 0
                contents.interfaces[index].drops.interface = max(before, count)
            } else {
                let before = contents.interfaces[index].drops.kernel ?? 0
                contents.interfaces[index].drops.kernel = max(before, count)
            }
        }
    }

    private func handleNames(
        _ body: UnsafeRawBufferPointer,
        _ contents: inout CaptureContents
    ) {
        for record in fields(body, from: 0) {
            guard record.code != 0 else { return }
            let isV4 = record.code == 1
            let addressByteCount = isV4 ? 4 : 16
            guard isV4 || record.code == 2, record.value.count > addressByteCount else { continue }
            let address =
                isV4
                ? IPAddress(v4: BigEndian.loadUInt32(record.value, at: 0))
                : IPAddress(
                    v6High: BigEndian.loadUInt64(record.value, at: 0),
                    low: BigEndian.loadUInt64(record.value, at: 8)
                )
            // The first of several names.
            let name = PcapngText.text(
                UnsafeRawBufferPointer(rebasing: record.value.dropFirst(addressByteCount))
            )
            if !name.isEmpty { contents.addName(name, of: address) }
        }
    }
}
