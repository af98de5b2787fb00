/// Reads pcap and pcapng from chunks of octets, wherever they come from.
///
/// ```
///   handle(chunk) ──▶ nextPacket() … nextPacket() → nil ──▶ handle(chunk) … ──▶ handleEnd() ──▶ nextPacket() … → nil
/// ```
///
/// Nothing in the input can stop it but its end: what makes no sense is passed over, said in `contents`, and reading goes
/// on where the input makes sense again.
public final class CaptureReader {
    private var core = CaptureReaderCore()

    public init() {}

    /// What the capture says besides its packets; complete after the end.
    public var contents: CaptureContents { core.contents }

    /// Takes the next octets; they must stay valid until `nextPacket` has returned `nil`.
    public func handle(_ chunk: UnsafeRawBufferPointer) {
        core.handle(chunk)
    }

    /// No octets follow.
    public func handleEnd() {
        core.handleEnd()
    }

    /// Something outside the capture, its compression, ended it early.
    public func handleFault(_ reason: CaptureNotice.Reason) {
        core.handleFault(reason)
    }

    /// Looks at the first octets; false while too few of them have come.
    public func detectFormat() -> Bool { core.detectFormat() }

    /// Whether the input began as a capture does; `nil` while too little of it came.
    public var isCapture: Bool? { core.isCapture }

    /// The next packet, or `nil` when it needs another chunk. Its octets are valid until the next call.
    public func nextPacket() -> CapturedPacket? { core.nextPacket() }
}
