import CryptoBox
import Wire

/// Decrypts what arrives, after a CURVE handshake: each MESSAGE becomes a frame of a message or a command again.
///
///     a read   │…end of a frame│MESSAGE│MESSAGE│MESSAGE│start of a …│
///                  │ held ──▶ one        └── where they lie ──┘     └──▶ held
///                  ▼                             ▼
///              frames, one after the other, in storage of the shell's
///
/// A box is opened when all of it is there, since nothing of it may be believed before. What is larger than a message may be is
/// refused at its header. After a violation nothing is read any more; what came before it counts.
package struct CurveDecoder: Sendable {
    private let box: TrafficBox
    private let limits: FrameScanner.Limits
    /// Of the last command that came.
    private var nonce: UInt64
    /// The beginning of a frame.
    private var held: [UInt8] = []
    /// Octets of frames of the message that is not whole yet.
    private var openMessageByteCount = 0
    package private(set) var violation: FrameViolation?

    package init(_ traffic: CurveTraffic, limits: FrameScanner.Limits) {
        box = traffic.incoming
        nonce = traffic.incomingNonce
        self.limits = limits
    }

    /// Octets of scratch space before the frames.
    package static let headroomByteCount = TrafficBox.roomByteCount

    var isInsideFrame: Bool { !held.isEmpty }

    /// The room that `decode` needs for these octets.
    package func byteCount(decoding octets: UnsafeRawBufferPointer) -> Int {
        let saved = CurveFrame.overheadByteCount
        // What is held grows with the first frame in these octets, and is one frame itself.
        guard held.isEmpty else { return Self.headroomByteCount + held.count + octets.count }
        var byteCount = Self.headroomByteCount
        var offset = 0
        while let head = CurveFrame.Head(octets, at: offset),
            head.bodyByteCount <= octets.count - offset - head.byteCount
        {
            byteCount += CurveFrame.byteCount(body: max(0, head.bodyByteCount - saved))
            offset += head.byteCount + head.bodyByteCount
        }
        return byteCount
    }

    /// Takes all octets; writes frames after the headroom, and gives where they end.
    package mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) -> Int {
        var end = Self.headroomByteCount
        var offset = 0
        guard let target = frames.baseAddress else { return 0 }
        if !held.isEmpty { completeHeld(octets, &offset, target, &end) }
        while violation == nil, let head = CurveFrame.Head(octets, at: offset) {
            guard isAcceptable(head) else { break }
            let start = offset + head.byteCount
            guard head.bodyByteCount <= octets.count - start else { break }
            open(octets, start, head.bodyByteCount, target, &end)
            offset = start + head.bodyByteCount
        }
        if violation == nil { held.append(contentsOf: octets[offset...]) }
        return end
    }
}

// MARK: - Frames

extension CurveDecoder {
    /// Takes what the held frame lacks, and opens it when it is whole.
    private mutating func completeHeld(
        _ octets: UnsafeRawBufferPointer,
        _ offset: inout Int,
        _ target: UnsafeMutableRawPointer,
        _ end: inout Int
    ) {
        while true {
            let head = held.withUnsafeBytes { CurveFrame.Head($0, at: 0) }
            if let head, !isAcceptable(head) { return }
            let needed = head.map { $0.byteCount + $0.bodyByteCount } ?? Self.headByteCount(held[0])
            let taken = min(needed - held.count, octets.count - offset)
            held.append(contentsOf: octets[offset..<offset + taken])
            offset += taken
            guard held.count == needed else { return }
            guard let head else { continue }
            let frame = held
            held = []
            frame.withUnsafeBytes { open($0, head.byteCount, head.bodyByteCount, target, &end) }
            return
        }
    }

    private static func headByteCount(_ flags: UInt8) -> Int {
        flags & FrameHeader.long == 0 ? 2 : 9
    }

    /// Whether there may be such a frame, by its header alone.
    private mutating func isAcceptable(_ head: CurveFrame.Head) -> Bool {
        // COMMAND is what the RFC's grammar would have, and libzmq takes it, too.
        let allowed = FrameHeader.long | FrameHeader.command
        guard head.flags & ~allowed == 0 else {
            return fail(.undecodable("what came after a CURVE handshake is not a MESSAGE"))
        }
        let bodyByteCount = head.bodyByteCount - CurveFrame.overheadByteCount
        guard bodyByteCount >= 0 else {
            return fail(.undecodable("a MESSAGE of \(head.bodyByteCount) octets is too short"))
        }
        // Whether it is a command is not known yet.
        let limit = max(
            limits.messageByteCountMax - openMessageByteCount,
            limits.commandByteCountMax
        )
        guard head.bodyByteCount < .max, bodyByteCount <= limit else {
            return fail(
                .frameTooLong(
                    byteCount: head.bodyByteCount == .max ? .max : bodyByteCount,
                    limit: limits.messageByteCountMax
                )
            )
        }
        return true
    }

    @discardableResult
    private mutating func fail(_ violation: FrameViolation) -> Bool {
        self.violation = violation
        held = []
        return false
    }

    /// Opens the MESSAGE whose body lies at `start`, writes its frame at `end` and moves that.
    private mutating func open(
        _ octets: UnsafeRawBufferPointer,
        _ start: Int,
        _ byteCount: Int,
        _ target: UnsafeMutableRawPointer,
        _ end: inout Int
    ) {
        guard let source = octets.baseAddress.map({ $0 + start }),
            source.loadUnaligned(as: UInt64.self) == CurveFrame.name.littleEndian
        else {
            fail(.undecodable("what came after a CURVE handshake is not a MESSAGE"))
            return
        }
        let nonce = UInt64(
            bigEndian: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
        )
        guard nonce > self.nonce else {
            fail(.undecodable("a MESSAGE came again, or too late: its nonce is \(nonce)"))
            return
        }
        let bodyByteCount = byteCount - CurveFrame.overheadByteCount
        let bodyStart = end + (bodyByteCount > 255 ? 9 : 2)
        // The box is opened so that its body lies where it belongs. What the cipher needs before it is, but for the header,
        // the end of the frame before, which is put back.
        let overwritten = (target + end - TrafficBox.roomByteCount)
        let before = overwritten.loadUnaligned(as: SIMD32<UInt8>.self)
        let isOpen = box.open(
            source,
            textByteCount: 1 + bodyByteCount,
            into: target + bodyStart - CurveFrame.overheadByteCount,
            nonce: nonce
        )
        let flags = target.load(fromByteOffset: bodyStart - 1, as: UInt8.self)
        overwritten.storeBytes(of: before, as: SIMD32<UInt8>.self)
        guard isOpen else {
            fail(.undecodable("a MESSAGE does not open: it was changed, or is of another key"))
            return
        }
        guard flags & ~(CurveFrame.more | CurveFrame.command) == 0 else {
            fail(.reservedFlags(flags))
            return
        }
        self.nonce = nonce
        let isCommand = flags & CurveFrame.command != 0
        let hasMore = flags & CurveFrame.more != 0
        let header =
            (hasMore ? FrameHeader.more : 0) | (isCommand ? FrameHeader.command : 0)
        end += CurveFrame.writeHeader(header, bodyByteCount, to: target + end) + bodyByteCount
        if !isCommand {
            openMessageByteCount =
                hasMore
                ? openMessageByteCount + CurveFrame.byteCount(body: bodyByteCount) : 0
        }
    }
}
