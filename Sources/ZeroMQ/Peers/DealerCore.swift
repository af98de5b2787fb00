import DataPlane
import NIOCore
import Patterns
import Synchronization
import Transports
import Wire
import ZMTP

/// DEALER: a balanced core that also carries requests, many at once, each with its number in the envelope.
///
///     request ─ number │ "" │ body ─▶ outlet ─▶ peer ─▶ number │ "" │ reply ─▶ whoever waits for that number
///                                                    └─▶ anything else ─▶ inbox
final class DealerCore: BalancedCore, @unchecked Sendable {
    /// Whether a request was ever made: then each message is looked at, on its way out and in.
    private let hasRequests = Atomic(false)
    private let requests: Mutex<RequestTable<EventLoopPromise<Message>>>

    init(options: SocketOptions) {
        requests = Mutex(RequestTable(firstNumber: .random(in: .min ... .max)))
        super.init(type: .dealer, options: options)
    }

    /// Begins a request: what is to be sent, and where its reply will be.
    func begin(
        _ body: ByteBuffer
    ) -> (number: UInt32, message: ByteBuffer, reply: EventLoopFuture<Message>) {
        if !hasRequests.exchange(true, ordering: .acquiringAndReleasing) {
            outlet?.refuseLinks()
            inbox?.refuseLinks()
        }
        let promise = home.makePromise(of: Message.self)
        let number = requests.withLock { requests in
            let number = requests.makeNumber()
            requests.begin(number, promise)
            return number
        }
        var message = ByteBuffer()
        message.reserveCapacity(Self.envelopeByteCount + body.readableBytes)
        message.writeInteger(FrameHeader.more)
        message.writeInteger(UInt8(4))
        message.writeInteger(number)
        message.writeInteger(FrameHeader.more)
        message.writeInteger(UInt8(0))
        message.writeImmutableBuffer(body)
        return (number, message, promise.futureResult)
    }

    /// The reply is not waited for any more: whoever waits is told `error`.
    func abandon(_ number: UInt32, _ error: ZeroMQError) {
        requests.withLock { $0.abandon(number) }?.fail(error)
    }

    override func handleFinish() {
        for promise in requests.withLock({ $0.removeAll() }) { promise.fail(ZeroMQError.closed) }
        super.handleFinish()
    }

    override var takesRuns: Bool { requests.withLock { $0.isEmpty } }

    override func prepare(
        _ bytes: UnsafeRawBufferPointer,
        _ range: Range<Int>,
        for connection: Connection
    ) -> Range<Int>? {
        guard let number = Self.number(bytes, range.lowerBound) else { return range }
        let sending = requests.withLock { $0.handleSend(number, to: connection.id) }
        return sending == .send ? range : nil
    }

    override func accept(_ run: ByteBuffer, messageCount: Int, from connection: Connection) {
        guard !takesRuns else {
            return deliver(run, messageCount: messageCount, from: connection)
        }
        run.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            while walker.next() {
                accept(bytes, walker, of: run, from: connection)
            }
        }
    }

    private func accept(
        _ bytes: UnsafeRawBufferPointer,
        _ walker: MessageWalker,
        of run: ByteBuffer,
        from connection: Connection
    ) {
        if let number = Self.number(bytes, walker.start) {
            switch requests.withLock({ $0.handleReply(number, from: connection.id) }) {
            case .expected(let promise):
                let start = walker.start + Self.envelopeByteCount
                let reply = run.slice(start..<walker.end)
                return promise.succeed(Message(encoded: reply, from: PeerID(connection)))
            case .abandoned: return
            case .unknown: break
            }
        }
        deliver(run.slice(walker.start..<walker.end), messageCount: 1, from: connection)
    }

    override func handleDeparture(of connection: Connection) {
        for promise in requests.withLock({ $0.handleLoss(of: connection.id) }) {
            promise.fail(ZeroMQError.peerLost)
        }
        super.handleDeparture(of: connection)
    }

    /// The number that a message begins with, if it begins as requests and their replies do.
    private static func number(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> UInt32? {
        guard bytes.count - start > envelopeByteCount,
            bytes[start] == FrameHeader.more, bytes[start + 1] == 4,
            bytes[start + 6] == FrameHeader.more, bytes[start + 7] == 0
        else { return nil }
        return BigEndian.loadUInt32(bytes, at: start + 2)
    }

    private static let envelopeByteCount = 8
}
