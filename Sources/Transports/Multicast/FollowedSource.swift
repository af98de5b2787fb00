import NIOCore
import PGM

/// What a receiver keeps of one source: its framing, the messages that are not handed over yet, packets that came early.
///
///     output: | whole messages … | begun message |      one buffer; takeRun gives the front away and moves the rest
final class FollowedSource {
    let peer: MulticastPeer
    private var decoder: FramingDecoder
    private var output = ByteBuffer()
    private var messageCount = 0
    /// Octets at the end of `output` that belong to a message that has only begun.
    private var openByteCount = 0
    private var missingByteCount = 0
    private var kept: KeptPayloads?

    init(peer: MulticastPeer, messageByteCountMax: Int) {
        self.peer = peer
        decoder = FramingDecoder(messageByteCountMax: messageByteCountMax)
    }

    // MARK: - Messages

    /// Appends the messages of a payload that is next in order.
    func decode(_ payload: UnsafeRawBufferPointer) -> FramingViolation? {
        let needed = payload.count + FramingDecoder.splitHeadByteCountMax
        if output.writableBytes < needed { makeRoom(needed) }
        var decoded: FramingDecoder.Result?
        output.writeWithUnsafeMutableBytes(minimumWritableBytes: needed) { room in
            let result = decoder.decode(payload, into: room)
            decoded = result
            return result.writtenByteCount
        }
        guard let result = decoded else { return nil }
        if result.droppedByteCount > 0 {
            output.moveWriterIndex(to: output.writerIndex - result.droppedByteCount)
        }
        messageCount += result.messageCount
        openByteCount = result.openByteCount
        missingByteCount = result.missingByteCount
        return result.violation
    }

    private func makeRoom(_ byteCount: Int) {
        // Reserve room for the whole of a message that has begun, up to a limit: its length may be forged.
        let announced = min(missingByteCount, Self.announcedByteCountMax)
        output.reserveCapacity(
            minimumWritableBytes: max(
                byteCount + announced,
                Self.outputByteCount - output.readableBytes
            )
        )
    }

    var hasWholeMessages: Bool { messageCount > 0 }

    /// Whether there is enough for a run.
    var isFull: Bool { output.readableBytes - openByteCount >= Self.runByteCountMin }

    /// Takes the complete messages.
    func takeRun() -> (ByteBuffer, messageCount: Int)? {
        guard messageCount > 0 else { return nil }
        defer { messageCount = 0 }
        let byteCount = output.readableBytes - openByteCount
        // Copy small runs, so that a few messages do not keep a large buffer alive. A large run takes its storage along:
        // writing to it again would copy all of it.
        if byteCount < Self.outputByteCount / 4 {
            var run = ByteBuffer()
            output.withUnsafeReadableBytes { bytes in
                run.reserveCapacity(byteCount)
                run.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]))
            }
            output.moveReaderIndex(forwardBy: byteCount)
            if openByteCount == 0 { output.clear() } else { output.discardReadBytes() }
            return (run, messageCount)
        }
        let run = output.slice(0..<byteCount)
        let begun = output.slice(byteCount..<output.readableBytes)
        output = ByteBuffer()
        output.reserveCapacity(
            max(
                Self.outputByteCount,
                begun.readableBytes + min(missingByteCount, Self.announcedByteCountMax)
            )
        )
        output.writeImmutableBuffer(begun)
        return (run, messageCount)
    }

    /// Packets were lost: drops the message that had begun.
    func handleLoss() {
        let dropped = decoder.handleLoss()
        output.moveWriterIndex(to: output.writerIndex - dropped)
        openByteCount = 0
        missingByteCount = 0
    }

    // MARK: - Packets that are kept

    /// Keeps a payload that came before its turn, or that parity may need.
    func keep(_ payload: UnsafeRawBufferPointer, as number: SequenceNumber, ring: Int) {
        let kept = kept ?? KeptPayloads(windowPacketCount: ring)
        self.kept = kept
        kept.keep(payload, as: number)
    }

    func keepParity(
        _ payload: UnsafeRawBufferPointer,
        group: SequenceNumber,
        index: Int,
        ring: Int
    ) {
        let kept = kept ?? KeptPayloads(windowPacketCount: ring)
        self.kept = kept
        kept.keepParity(payload, group: group, index: index)
    }

    func payload(_ number: SequenceNumber) -> UnsafeRawBufferPointer? { kept?.payload(number) }

    /// A payload was delivered.
    func release(_ number: SequenceNumber) {
        kept?.release(number)
    }

    /// Drops everything older: parity no longer needs it.
    func forget(before number: SequenceNumber) {
        kept?.forget(before: number)
    }

    func reconstruct(_ work: Reconstruction) -> Bool { kept?.reconstruct(work) ?? false }

    /// Large enough for one wake-up's packets, small enough for the allocator's fast path.
    private static let outputByteCount = 96 << 10
    private static let runByteCountMin = 64 << 10
    private static let announcedByteCountMax = 4 << 20
}
