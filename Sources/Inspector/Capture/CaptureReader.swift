/// Reads pcap and pcapng from chunks of octets, wherever they come from.
///
/// ```
///   handle(chunk) ──▶ nextPacket() … nextPacket() → nil ──▶ handle(chunk) … ──▶ handleEnd() ──▶ nextPacket() … → nil
/// ```
///
/// Nothing in the input can stop it but its end: what makes no sense is passed over, said in `contents`, and reading goes
/// on where the input makes sense again.
public final class CaptureReader {
    private enum Stage {
        case detecting
        case pcap
        case pcapng
        /// No capture: the rest is counted and thrown away.
        case refused
    }

    public private(set) var contents = CaptureContents()

    private var stage = Stage.detecting
    private var input = ChunkBuffer()
    private var pcap = PcapDecoder()
    private var pcapng = PcapngDecoder()

    public init() {}

    /// Takes the next octets; they must stay valid until `nextPacket` has returned `nil`.
    public func handle(_ chunk: UnsafeRawBufferPointer) {
        input.supply(chunk)
    }

    /// No octets follow.
    public func handleEnd() {
        input.end()
    }

    /// Something outside the capture, its compression, ended it early.
    public func handleFault(_ reason: CaptureNotice.Reason) {
        contents.note(reason, offset: input.offset + input.availableByteCount, byteCount: 0)
    }

    /// Looks at the first octets; false while too few of them have come.
    public func detectFormat() -> Bool {
        if stage == .detecting { detect() }
        return stage != .detecting
    }

    /// Whether the input began as a capture does; `nil` while too little of it came.
    public var isCapture: Bool? {
        switch stage {
        case .detecting: nil
        case .pcap, .pcapng: true
        case .refused: false
        }
    }

    /// The next packet, or `nil` when it needs another chunk. Its octets are valid until the next call.
    public func nextPacket() -> CapturedPacket? {
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

    private func detect() {
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

    private func refuse() {
        stage = .refused
        contents.note(.noCapture, offset: 0, byteCount: 0)
    }

    private func discard() {
        let count = input.availableByteCount
        contents.skippedByteCount += count
        input.advance(count)
    }
}
