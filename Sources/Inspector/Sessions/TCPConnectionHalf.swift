import Dissection

/// What one side of a connection sends: segments put in order, and the ZMTP in them.
final class TCPConnectionHalf {
    let address: SocketAddress
    let stream: ZMTPStream
    var tcp = TCPReport()
    private(set) var hasFinished = false
    private var assembler = TCPAssembler()
    /// Of the last segment with payload: what a second copy of it would look like.
    private var last: (sequence: UInt32, byteCount: Int, nanoseconds: Int64)?
    private var zeroWindowSince: Int64?
    /// The other side acknowledged octets that the capture does not have; since how many segments.
    private var acknowledged: UInt32?
    private var aheadCount = 0
    /// When the stream last went on.
    private var progressNanoseconds: Int64?

    init(address: SocketAddress, stream: ZMTPStream) {
        self.address = address
        self.stream = stream
    }

    /// Something was captured of this side.
    var hasSpoken: Bool { assembler.next != nil }

    func begin(at sequence: UInt32) {
        guard assembler.next == nil else { return }
        assembler.begin(at: sequence)
    }

    /// A segment of this side.
    func handle(_ segment: TCPSegment) {
        let now = segment.datagram.nanoseconds
        tcp.segmentCount += 1
        handleWindow(segment, at: now)
        if segment.flags.contains(.fin) { hasFinished = true }
        let byteCount = segment.payload.count + segment.missingByteCount
        guard byteCount > 0 else {
            if !segment.flags.contains(.syn) { begin(at: segment.sequence) }
            return
        }
        if let last, last.sequence == segment.sequence, last.byteCount == byteCount,
            now &- last.nanoseconds < Self.doubledNanoseconds
        {
            tcp.doubledCount += 1
            return
        }
        last = (segment.sequence, byteCount, now)
        take(segment, byteCount, at: now)
    }

    private func take(_ segment: TCPSegment, _ byteCount: Int, at now: Int64) {
        let wasWaiting = assembler.waitingSince
        let placement = assembler.place(
            segment.sequence,
            segment.payload,
            cutByteCount: segment.missingByteCount,
            nanoseconds: now
        )
        switch placement {
        case .next(let offset, let cutByteCount):
            let isRepair = wasWaiting.map { now &- $0 > Self.reorderNanoseconds } ?? false
            if isRepair {
                tcp.repairCount += 1
                noteStall(at: now)
            } else if wasWaiting != nil {
                tcp.reorderedCount += 1
            }
            deliver(
                UnsafeRawBufferPointer(rebasing: segment.payload.dropFirst(offset)),
                cutByteCount: cutByteCount,
                at: now,
                isRepair: isRepair
            )
            if wasWaiting != nil { deliverWaiting(at: now) }
        case .old:
            if byteCount == 1, assembler.next == segment.sequence &+ 1 {
                tcp.keepAliveCount += 1
            } else {
                tcp.retransmissionCount += 1
                tcp.retransmittedByteCount += byteCount
                noteStall(at: now)
            }
        case .early:
            if assembler.isFull { giveUpHole(at: now) }
        }
    }

    private func deliver(
        _ bytes: UnsafeRawBufferPointer,
        cutByteCount: Int,
        at now: Int64,
        isRepair: Bool
    ) {
        stream.consume(bytes, at: now, isRepair: isRepair)
        if cutByteCount > 0 {
            tcp.cutByteCount += cutByteCount
            stream.lose(cutByteCount)
        }
        assembler.advance(by: bytes.count + cutByteCount)
        tcp.byteCount += bytes.count + cutByteCount
        progressNanoseconds = now
    }

    private func deliverWaiting(at now: Int64) {
        while let (bytes, skip, cutByteCount) = assembler.nextWaiting() {
            bytes.withUnsafeBytes {
                deliver(
                    UnsafeRawBufferPointer(rebasing: $0.dropFirst(skip)),
                    cutByteCount: cutByteCount,
                    at: now,
                    isRepair: false
                )
            }
        }
    }

    private func noteStall(at now: Int64) {
        guard let progressNanoseconds else { return }
        tcp.stallNanosecondsMax = max(tcp.stallNanosecondsMax, now &- progressNanoseconds)
    }

    private func handleWindow(_ segment: TCPSegment, at now: Int64) {
        guard segment.flags.contains(.ack), !segment.flags.contains(.rst) else { return }
        if segment.window == 0 {
            guard zeroWindowSince == nil else { return }
            zeroWindowSince = now
            tcp.zeroWindowCount += 1
        } else if let since = zeroWindowSince {
            tcp.zeroWindowNanoseconds += max(0, now &- since)
            zeroWindowSince = nil
        }
    }
}

// MARK: - What the capture lacks

extension TCPConnectionHalf {
    /// The other side acknowledges what this one has sent.
    func handleAcknowledgement(_ number: UInt32, at now: Int64) {
        guard let next = assembler.next else {
            // Nothing of this side was captured yet: here it must go on.
            assembler.begin(at: number)
            return
        }
        // One octet more is the FIN's, which is no payload.
        let ahead = Int(Int32(bitPattern: number &- next))
        guard ahead > (hasFinished ? 1 : 0), ahead < 1 << 30 else {
            if ahead == 0 { progressNanoseconds = now }
            aheadCount = 0
            acknowledged = nil
            return
        }
        acknowledged = number
        aheadCount += 1
        // Captures may swap the two directions for a moment; what is still not there then never comes.
        if aheadCount >= Self.aheadCountMax { giveUpHole(at: now) }
    }

    /// The connection, or the capture, has ended.
    func finish(at now: Int64) {
        if let since = zeroWindowSince {
            tcp.zeroWindowNanoseconds += max(0, now &- since)
            zeroWindowSince = nil
        }
        while assembler.isWaiting { giveUpHole(at: now) }
        stream.finish()
    }

    /// What is missing will not come: the receiver has it, or too much is waiting for it.
    private func giveUpHole(at now: Int64) {
        guard let next = assembler.next else { return }
        var byteCount = assembler.holeByteCount ?? .max
        if let acknowledged {
            byteCount = min(byteCount, max(0, Int(Int32(bitPattern: acknowledged &- next))))
        }
        acknowledged = nil
        aheadCount = 0
        guard byteCount > 0, byteCount < .max else { return }
        tcp.gapCount += 1
        tcp.missingByteCount += byteCount
        stream.lose(byteCount)
        assembler.advance(by: byteCount)
        deliverWaiting(at: now)
    }

    private static let doubledNanoseconds: Int64 = 1_000_000
    /// Shorter than any retransmission, longer than segments overtake each other (as tshark has it).
    private static let reorderNanoseconds: Int64 = 3_000_000
    private static let aheadCountMax = 4
}
