/// The work of `CaptureReader`, as a value: its parts are reached without the checks that classes need.
struct CaptureReaderCore: ~Copyable {
    private enum Stage {
        case detecting
        case pcap
        case pcapng
        /// No capture: the rest is counted and thrown away.
        case refused
    }

    private(set) var contents = CaptureContents()

    private var stage = Stage.detecting
    private var input = ChunkBuffer()
    private var pcap = PcapDecoder()
    private var pcapng = PcapngDecoder()

    mutating func handle(_ chunk: UnsafeRawBufferPointer) {
        input.supply(chunk)
    }

    mutating func handleEnd() {
        input.end()
    }

    mutating func handleFault(_ reason: CaptureNotice.Reason) {
        contents.note(reason, offset: input.offset + input.availableByteCount, byteCount: 0)
    }

    mutating func detectFormat() -> Bool {
        if stage == .detecting { detect() }
        return stage != .detecting
    }

    var isCapture: Bool? {
        switch stage {
        case .detecting: nil
        case .pcap, .pcapng: true
        case .refused: false
        }
    }

    @inline(__always)
    mutating func nextPacket() -> CapturedPacket? {
        if stage == .detecting { detect() }
        let packet =
            switch stage {
            case .pcap: pcap.nextPacket(&input, &contents)
            case .pcapng: pcapng.nextPacket(&input, &contents)
            case .detecting, .refused: nil as CapturedPacket?
            }
        if packet == nil {
            if stage == .refused { discard() }
            contents.byteCount = input.offset
        }
        return packet
    }

    private mutating func detect() {
        guard let magic = input.peek(4) else {
            if input.isEnded { refuse() }
            return
        }
        let number = magic.loadUnaligned(as: UInt32.self)
        if number == PcapngDecoder.sectionHeaderType {
            stage = .pcapng
        } else if PcapDecoder.format(magic: number) != nil {
            guard let header = input.peek(PcapDecoder.fileHeaderByteCount) else {
                if input.isEnded { refuse() }
                return
            }
            pcap.handleFileHeader(header, &contents)
            input.advance(PcapDecoder.fileHeaderByteCount)
            stage = .pcap
        } else {
            refuse()
        }
    }

    private mutating func refuse() {
        stage = .refused
        contents.note(.noCapture, offset: 0, byteCount: 0)
    }

    private mutating func discard() {
        let count = input.availableByteCount
        contents.skippedByteCount += count
        input.advance(count)
    }
}
