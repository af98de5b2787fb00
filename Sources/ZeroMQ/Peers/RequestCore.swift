import DataPlane
import NIOCore
import Patterns
import Synchronization
import Transports
import Vocabulary
import Wire
import ZMTP

/// REQ: a request to the next peer in turn, then its reply (RFC 28).
///
///     application ─ number │ "" │ body ─▶ outlet ─▶ (number) │ "" │ body ─▶ peer
///     application ◀─ body ─ inbox ◀── lockstep: is it the reply? ◀────────── peer
///
/// The number stays on this side unless requests are correlated. It lets the loop drop a request that was abandoned while it was queued.
final class RequestCore: BalancedCore, @unchecked Sendable {
    /// Asked by the application's side and by the loop.
    private let lockstep: Mutex<RequestLockstep>

    init(options: SocketOptions) {
        lockstep = Mutex(
            RequestLockstep(
                isRelaxed: options.request.isRelaxed,
                correlates: options.request.correlates,
                firstNumber: .random(in: .min ... .max)
            )
        )
        super.init(type: .req, options: options)
    }

    /// The request in its encoded form for the outlet; `nil` when another one is under way and may not be abandoned.
    func begin(_ body: ByteBuffer) -> ByteBuffer? {
        let number = lockstep.withLock { lockstep -> UInt32? in
            // A reply that nobody has taken is a request that is not over.
            if isReadable {
                guard options.request.isRelaxed else { return nil }
                while tryTake(wantsNotes: true) != nil {}
            }
            return lockstep.begin()
        }
        guard let number else { return nil }
        var request = ByteBuffer()
        request.reserveCapacity(8 + body.readableBytes)
        request.writeInteger(FrameHeader.more)
        request.writeInteger(UInt8(4))
        request.writeInteger(number)
        request.writeInteger(FrameHeader.more)
        request.writeInteger(UInt8(0))
        request.writeImmutableBuffer(body)
        return request
    }

    /// Whether a request is under way.
    var isBusy: Bool { lockstep.withLock { $0.isBusy } }

    /// The reply is not waited for any more, or the request was not even queued.
    func abandon() {
        let peer = lockstep.withLock { lockstep in
            while tryTake(wantsNotes: true) != nil {}
            return lockstep.abandon()
        }
        guard let peer, !options.request.correlates else { return }
        // The next request is not for a peer that is about to be sent away.
        outlet?.endLink()
        // A late reply must not be taken for that to the next request.
        home.execute {
            guard let slot = self.slot(ofPeer: peer), let connection = self.connection(atSlot: slot)
            else { return }
            self.retire(connection)
            connection.close(.misbehaviour("its reply was not waited for any longer"))
        }
    }

    override var takesRuns: Bool { false }

    /// The number is looked at when the peer takes the request.
    override func linkRewrite(
        for connection: Connection
    ) -> (@Sendable (SendQueue.Chunk) -> SendQueue.Chunk?)? {
        let id = connection.id
        return { chunk in self.rewrite(chunk, for: id) }
    }

    private func rewrite(_ chunk: SendQueue.Chunk, for peer: UInt64) -> SendQueue.Chunk? {
        var requests = SendQueue.Chunk(buffer: ByteBuffer(), messageCount: 0)
        chunk.buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                guard let range = sending(bytes, walker.start..<walker.end, to: peer) else {
                    continue
                }
                requests.messageCount += 1
                if chunk.messageCount == 1 {
                    requests.buffer = chunk.buffer.slice(range)
                } else {
                    requests.buffer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range]))
                }
            }
        }
        return requests.messageCount > 0 ? requests : nil
    }

    /// Replies are looked at one by one.
    override func linkPrefix(for connection: Connection) -> [UInt8]? { nil }

    override func prepare(
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        for connection: Connection
    ) -> Range<Int>? { sending(bytes, range, to: connection.id) }

    /// The octets of a request that are sent to that peer; `nil` when it was abandoned.
    private func sending(
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        to peer: UInt64
    ) -> Range<Int>? {
        let number = BigEndian.loadUInt32(bytes, at: range.lowerBound + 2)
        guard lockstep.withLock({ $0.handleSend(number: number, to: peer) }) else {
            return nil
        }
        return options.request.correlates
            ? range : (range.lowerBound + Self.numberFrameByteCount)..<range.upperBound
    }

    override func handleDeparture(of connection: Connection) {
        let peer = PeerID(connection)
        if lockstep.withLock({ $0.handleLoss(of: peer.rawValue) }) {
            inbox?.append(.gone(peer), from: peer)
        }
        super.handleDeparture(of: connection)
    }

    override func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                let message = UnsafeRawBufferPointer(rebasing: bytes[walker.start..<walker.end])
                guard let envelope = Envelope(message) else {
                    dropped.add(1, .malformed)
                    continue
                }
                let number = Self.number(in: message, envelope.envelope)
                let start = walker.start + envelope.body.lowerBound
                let reply = run.slice(start..<walker.end)
                // Given to the application under the lock: who abandons a request throws away what has come for it.
                let isReply = lockstep.withLock { lockstep in
                    guard lockstep.handleReply(from: connection.id, number: number) else {
                        return false
                    }
                    deliver(reply, messageCount: 1, from: connection)
                    return true
                }
                if !isReply { dropped.add(1, .malformed) }
            }
        }
    }

    /// What the reply carries before its empty frame.
    private static func number(
        in message: UnsafeRawBufferPointer,
        _ envelope: Range<Int>
    ) -> UInt32? {
        let frame = FrameHeader(at: 0, in: message)
        guard frame.bodyByteCount == 4, envelope.count == numberFrameByteCount + 2 else {
            return nil
        }
        return BigEndian.loadUInt32(message, at: 2)
    }

    private static let numberFrameByteCount = 6
}
