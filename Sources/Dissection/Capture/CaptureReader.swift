/// Reads pcap and pcapng from chunks of octets, wherever they come from.
///
/// ```
///   handle(chunk) ──▶ nextPacket() … nextPacket() → nil ──▶ handle(chunk) … ──▶ handleEnd() ──▶ nextPacket() … → nil
/// ```
///
/// Nothing in the input can stop it but its end: what makes no sense is passed over, said in `contents`, and reading goes
/// on where the input makes sense again.
public final class CaptureReader {
    /// Behind a pointer, so that a packet passes without the run-time checks of exclusive access.
    private let core: UnsafeMutablePointer<CaptureReaderCore>

    public init() {
        core = .allocate(capacity: 1)
        core.initialize(to: CaptureReaderCore())
    }

    deinit {
        core.deinitialize(count: 1)
        core.deallocate()
    }

    /// What the capture says besides its packets; complete after the end.
    public var contents: CaptureContents { core.pointee.contents }

    /// Takes the next octets; they must stay valid until `nextPacket` has returned `nil`.
    public func handle(_ chunk: UnsafeRawBufferPointer) {
        core.pointee.handle(chunk)
    }

    /// Takes the next octets, and hands out every packet that they complete; a packet is valid during the call of `body`.
    ///
    /// - Parameters:
    ///   - chunk: any number of octets.
    ///   - isLast: no octets follow.
    ///   - body: takes each packet, in order.
    public func read(
        _ chunk: UnsafeRawBufferPointer,
        isLast: Bool,
        _ body: (CapturedPacket) -> Void
    ) {
        handle(chunk)
        while let packet = nextPacket() { body(packet) }
        guard isLast else { return }
        handleEnd()
        while let packet = nextPacket() { body(packet) }
    }

    /// No octets follow.
    public func handleEnd() {
        core.pointee.handleEnd()
    }

    /// Something outside the capture, its compression, ended it early.
    public func handleFault(_ reason: CaptureNotice.Reason) {
        core.pointee.handleFault(reason)
    }

    /// Looks at the first octets; false while too few of them have come.
    public func detectFormat() -> Bool { core.pointee.detectFormat() }

    /// Whether the input began as a capture does; `nil` while too little of it came.
    public var isCapture: Bool? { core.pointee.isCapture }

    /// The next packet, or `nil` when it needs another chunk. Its octets are valid until the next call.
    public func nextPacket() -> CapturedPacket? { core.pointee.nextPacket() }
}
