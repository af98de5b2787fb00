/// The records of a pcap file (draft-ietf-opsawg-pcap): micro- and nanoseconds, both byte orders, and the modified
/// format whose record headers have 24 octets.
///
/// A record is believed when its lengths and time are what a writer may write. A doubtful one, larger than the snap length or than the packet was, is believed
/// when the record after it begins where this one ends. Else the decoder is lost, and looks for the next place from which three records
/// follow each other.
struct PcapDecoder {
    private struct RecordHeader {
        var seconds: UInt32
        var fraction: UInt32
        var capturedByteCount: Int
        var originalByteCount: Int
    }

    private enum Chain {
        case holds, breaks
        /// The octets that would tell have not come yet.
        case undecided
    }

    private var isSwapped = false
    private var nanosecondsPerTick: Int64 = 1_000
    private var recordHeaderByteCount = 16
    /// Files before version 2.4 may have the two lengths the other way round.
    private var mayExchangeLengths = false
    private var linkType = LinkType.ethernet
    private var snapLength = 0
    private var lastSeconds: UInt32?
    /// Records of this file say that more was captured than there was.
    private var hasExcessLengths = false
    /// Where the records stopped making sense, and why.
    private var lost: (offset: Int, reason: CaptureNotice.Reason)?

    static let fileHeaderByteCount = 24

    static func format(magic: UInt32) -> CaptureFormat? {
        for isSwapped in [false, true] {
            let isBigEndian = isSwapped != (1.bigEndian == 1)
            switch isSwapped ? magic.byteSwapped : magic {
            case 0xA1B2_C3D4:
                return .pcap(isNanosecond: false, isBigEndian: isBigEndian, isModified: false)
            case 0xA1B2_3C4D:
                return .pcap(isNanosecond: true, isBigEndian: isBigEndian, isModified: false)
            case 0xA1B2_CD34:
                return .pcap(isNanosecond: false, isBigEndian: isBigEndian, isModified: true)
            default: continue
            }
        }
        return nil
    }

    mutating func handleFileHeader(_ header: UnsafeRawPointer, _ contents: inout CaptureContents) {
        guard
            let format = Self.format(magic: header.loadUnaligned(as: UInt32.self)),
            case .pcap(let isNanosecond, let isBigEndian, let isModified) = format
        else { return }
        isSwapped = isBigEndian != (1.bigEndian == 1)
        nanosecondsPerTick = isNanosecond ? 1 : 1_000
        recordHeaderByteCount = isModified ? 24 : 16
        let versions = (load16(header, 4), load16(header, 6))
        mayExchangeLengths = versions.0 == 2 && versions.1 < 4
        snapLength = Int(min(load32(header, 16), UInt32(Self.capturedByteCountMax)))
        // The upper bits tell of frame check sequences.
        linkType = LinkType(rawValue: load32(header, 20) & 0x03FF_FFFF)
        contents.format = format
        contents.interfaces = [CaptureInterface(linkType: linkType, snapLength: snapLength)]
    }

    mutating func nextPacket(
        _ input: inout ChunkBuffer,
        _ contents: inout CaptureContents
    ) -> CapturedPacket? {
        while true {
            if lost != nil, !findRecord(&input, &contents) { return nil }
            guard let start = input.peek(recordHeaderByteCount) else {
                guard input.isEnded, input.availableByteCount > 0 else { return nil }
                lost = (input.offset, .truncated)
                continue
            }
            let header = recordHeader(start)
            if !isClean(header) {
                switch followsRecord(header, &input) {
                case .holds: break
                case .breaks:
                    lost = (input.offset, .corruptRecord)
                    continue
                case .undecided: return nil
                }
            }
            let byteCount = recordHeaderByteCount + header.capturedByteCount
            guard let record = input.peek(byteCount) else {
                guard input.isEnded else { return nil }
                lost = (input.offset, .truncated)
                continue
            }
            input.advance(byteCount)
            return packet(header, at: record, &contents)
        }
    }

    private mutating func packet(
        _ header: RecordHeader,
        at record: UnsafeRawPointer,
        _ contents: inout CaptureContents
    ) -> CapturedPacket {
        lastSeconds = header.seconds
        contents.packetCount += 1
        contents.interfaces[0].packetCount += 1
        if header.originalByteCount > header.capturedByteCount {
            contents.interfaces[0].cutPacketCount += 1
        } else if header.originalByteCount < header.capturedByteCount {
            contents.excessLengthCount += 1
            hasExcessLengths = true
        }
        return CapturedPacket(
            number: contents.packetCount,
            nanoseconds: Int64(header.seconds) * 1_000_000_000
                + Int64(header.fraction) * nanosecondsPerTick,
            interface: 0,
            linkType: linkType,
            originalByteCount: max(header.originalByteCount, header.capturedByteCount),
            bytes: UnsafeRawBufferPointer(
                start: record + recordHeaderByteCount,
                count: header.capturedByteCount
            )
        )
    }

    private func recordHeader(_ start: UnsafeRawPointer) -> RecordHeader {
        var header = RecordHeader(
            seconds: load32(start, 0),
            fraction: load32(start, 4),
            capturedByteCount: Int(load32(start, 8)),
            originalByteCount: Int(load32(start, 12))
        )
        if mayExchangeLengths, header.capturedByteCount > header.originalByteCount {
            swap(&header.capturedByteCount, &header.originalByteCount)
        }
        return header
    }

    /// What every writer keeps to.
    @inline(__always)
    private func isClean(_ header: RecordHeader) -> Bool {
        isPossible(header)
            && (header.capturedByteCount <= header.originalByteCount || hasExcessLengths)
            && (snapLength == 0 || header.capturedByteCount <= snapLength)
    }

    /// The same without the snap length, which some writers do not mean, and the original length, which some get wrong.
    @inline(__always)
    private func isPossible(_ header: RecordHeader) -> Bool {
        header.capturedByteCount <= Self.capturedByteCountMax
            && Int64(header.fraction) * nanosecondsPerTick < 1_000_000_000
    }

    /// Whether a doubtful record is followed by a good one, or by the end.
    private func followsRecord(_ header: RecordHeader, _ input: inout ChunkBuffer) -> Chain {
        guard header.capturedByteCount <= Self.capturedByteCountMax else { return .breaks }
        let byteCount = recordHeaderByteCount + header.capturedByteCount
        guard let start = input.peek(byteCount + recordHeaderByteCount) else {
            guard input.isEnded else { return .undecided }
            return input.availableByteCount == byteCount ? .holds : .breaks
        }
        let next = recordHeader(start + byteCount)
        // One that says too little of itself is believed beside others of its kind.
        let isUsual = next.capturedByteCount <= next.originalByteCount
        let isAlike = isUsual || header.capturedByteCount > header.originalByteCount
        return isPossible(next) && isAlike
            && isNear(next.seconds, lastSeconds ?? header.seconds) ? .holds : .breaks
    }

    // Looking for records again

    /// Stands at a good record when it returns true; else more octets are needed, or nothing is left.
    private mutating func findRecord(
        _ input: inout ChunkBuffer,
        _ contents: inout CaptureContents
    ) -> Bool {
        guard let lost else { return true }
        // Not even a start of the same place, unless something after it was already passed over.
        if input.offset == lost.offset, input.availableByteCount > 0 { input.advance(1) }
        while input.peek(recordHeaderByteCount) != nil {
            switch chainFromHere(&input) {
            case .holds:
                let byteCount = input.offset - lost.offset
                contents.note(.corruptRecord, offset: lost.offset, byteCount: byteCount)
                self.lost = nil
                return true
            case .breaks: input.advance(1)
            case .undecided: return false
            }
        }
        guard input.isEnded, input.offset + input.availableByteCount > lost.offset else {
            return false
        }
        input.advance(input.availableByteCount)
        contents.note(lost.reason, offset: lost.offset, byteCount: input.offset - lost.offset)
        self.lost = nil
        return true
    }

    private func chainFromHere(_ input: inout ChunkBuffer) -> Chain {
        var byteCount = 0
        var seconds = lastSeconds
        for count in 0..<Self.chainCountMin {
            guard let start = input.peek(byteCount + recordHeaderByteCount) else {
                guard input.isEnded else { return .undecided }
                return count > 0 && input.availableByteCount == byteCount ? .holds : .breaks
            }
            let header = recordHeader(start + byteCount)
            guard isPossible(header), header.capturedByteCount > 0,
                header.capturedByteCount <= header.originalByteCount || hasExcessLengths,
                header.originalByteCount <= Self.capturedByteCountMax,
                isNear(header.seconds, seconds ?? header.seconds)
            else { return .breaks }
            seconds = header.seconds
            byteCount += recordHeaderByteCount + header.capturedByteCount
        }
        return .holds
    }

    private func isNear(_ seconds: UInt32, _ others: UInt32) -> Bool {
        abs(Int64(seconds) - Int64(others)) <= 86_400
    }

    @inline(__always)
    private func load32(_ start: UnsafeRawPointer, _ offset: Int) -> UInt32 {
        let number = start.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        return isSwapped ? number.byteSwapped : number
    }

    @inline(__always)
    private func load16(_ start: UnsafeRawPointer, _ offset: Int) -> UInt16 {
        let number = start.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
        return isSwapped ? number.byteSwapped : number
    }

    /// The largest snap length that libpcap accepts.
    private static let capturedByteCountMax = 262_144
    private static let chainCountMin = 3
}
