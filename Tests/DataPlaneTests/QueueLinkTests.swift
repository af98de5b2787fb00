import NIOCore
import NIOPosix
import Simulation
import SocketTestSupport
import Synchronization
import Testing
import Transports

@testable import DataPlane

/// Messages that are taken straight from the queue in which they wait to be sent.
@Suite(.timeLimit(.minutes(2))) struct QueueLinkTests {
    private static let peer = PeerID(rawValue: 1)

    private static func open(
        _ source: SendQueue,
        _ mailbox: Mailbox,
        from peer: PeerID = peer,
        prefix: [UInt8] = [],
        onEnd: @escaping @Sendable (QueueLink) -> Void = { _ in }
    ) throws -> QueueLink {
        let link = QueueLink(from: source, onEnd: onEnd)
        try #require(source.offer(link))
        try #require(mailbox.open(link, from: peer, prefix: prefix))
        return link
    }

    /// What a loop does once a link has ended.
    private static func pass(_ source: SendQueue, to mailbox: Mailbox, prefix: [UInt8] = []) {
        while let chunk = source.take() {
            let run =
                prefix.isEmpty
                ? chunk.buffer
                : chunk.buffer.prepending(prefix, messageCount: chunk.messageCount)
            mailbox.append(run, messageCount: chunk.messageCount, from: peer)
        }
    }

    /// The number of a message that begins with the prefix.
    private static func number(_ message: ByteBuffer, after prefix: [UInt8]) -> Int? {
        guard message.readableBytesView.starts(with: prefix) else { return nil }
        return Encoded.number(message.slice(prefix.count..<message.readableBytes))
    }

    /// Small and large messages, links that come and go, and what goes by the loop between them.
    @Test(arguments: 0..<20 as Range<UInt64>, [[], [1, 2, 7, 7]] as [[UInt8]])
    func `each message comes once and in order, whichever way it goes`(
        seed: UInt64,
        prefix: [UInt8]
    ) throws {
        var generator = SeededGenerator(seed: seed)
        let source = SendQueue(limit: QueueLimit(messageCount: 40, byteCount: 200_000))
        let mailbox = Mailbox(limit: QueueLimit(messageCount: 30, byteCount: 100_000))
        var link: QueueLink?
        var sentCount = 0
        var taken: [Int?] = []
        for _ in 0..<3_000 {
            switch Int.random(in: 0..<20, using: &generator) {
            case 0:
                guard link == nil else { break }
                Self.pass(source, to: mailbox, prefix: prefix)
                link = try Self.open(source, mailbox, prefix: prefix)
            case 1:
                link?.end()
                link = nil
            case 2: if link == nil { Self.pass(source, to: mailbox, prefix: prefix) }
            case 3..<12:
                let byteCount = [8, 300, 3_000, 20_000].randomElement(using: &generator) ?? 8
                let message = Encoded.message(number: sentCount, byteCount: byteCount)
                switch source.append(message) {
                case .queued, .queuedFirst: sentCount += 1
                case .full: #expect(source.isWritable == false)
                case .closed: Issue.record("closed")
                }
            default:
                guard let message = mailbox.tryTake() else { break }
                taken.append(Self.number(message, after: prefix))
            }
        }
        link?.end()
        Self.pass(source, to: mailbox, prefix: prefix)
        while let message = mailbox.tryTake() { taken.append(Self.number(message, after: prefix)) }
        #expect(taken == (0..<sentCount).map { $0 }, "seed \(seed)")
        #expect(source.isEmpty && !mailbox.isReadable)
        #expect(mailbox.slackByteCount == 0)
    }

    /// A thread that sends, one that receives, one that ends links and makes new ones.
    @Test(arguments: 0..<6 as Range<UInt64>)
    func `no message is lost or taken twice while links come and go`(seed: UInt64) async throws {
        let source = SendQueue(limit: QueueLimit(messageCount: 50))
        let mailbox = Mailbox(limit: QueueLimit(messageCount: 50))
        let count = 20_000
        let pool = NIOThreadPool(numberOfThreads: 3)
        pool.start()
        try await within("all messages", .seconds(90)) {
            async let sent: Void = pool.runIfActive {
                for number in 0..<count {
                    let message = Encoded.message(number: number)
                    while source.append(message) == .full {
                        _ = source.waitForRoom(message.readableBytes, timeout: .milliseconds(1))
                    }
                }
            }
            async let received = pool.runIfActive {
                (0..<count).map { _ in
                    mailbox.takeItem(timeout: nil).item?.message.flatMap(Encoded.number)
                }
            }
            async let linked: Void = pool.runIfActive {
                var generator = SeededGenerator(seed: seed)
                while !source.isClosed {
                    let link = QueueLink(from: source) { _ in }
                    // Between two links this thread is the loop.
                    Self.pass(source, to: mailbox)
                    if source.offer(link), mailbox.open(link, from: Self.peer) {
                        for _ in 0..<Int.random(in: 0..<2_000, using: &generator)
                        where source.isClosed {
                            break
                        }
                    }
                    link.end()
                }
                Self.pass(source, to: mailbox)
            }
            #expect(try await received == (0..<count).map { $0 }, "seed \(seed)")
            source.close()
            _ = try await (sent, linked)
        }
        try await pool.shutdownGracefully()
    }

    /// However much is taken when: octets are copied once, at the append.
    @Test(arguments: 0..<10 as Range<UInt64>)
    func `a link takes slices of whole chunks, never copies`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let (source, mailbox) = (SendQueue(limit: .unlimited), Mailbox(limit: .unlimited))
        _ = try Self.open(source, mailbox)
        var count = 0
        for number in 0..<5_000 {
            let size = Int.random(in: 500..<1_500, using: &generator)
            _ = source.append(Encoded.message(number: number, byteCount: size))
            guard Int.random(in: 0..<30, using: &generator) == 0 else { continue }
            while let message = mailbox.tryTake() {
                #expect(Encoded.number(message) == count)
                #expect(message.storageCapacity == SendQueue.chunkByteCountMax, "seed \(seed)")
                count += 1
            }
        }
        #expect(count > 4_000)
    }

    @Test func `a take that finds little is followed by the next after an interval, once`() {
        var pace = TakePace()
        #expect(pace.nextTake(arrivals: 0) == 0)
        pace.handleTake(lastSmallRefill: 5_000, arrivals: 7)
        #expect(pace.nextTake(arrivals: 7) == 5_000 + TakePace.interval)
        #expect(pace.nextTake(arrivals: 7) == 0)
        // Somebody else has sent something.
        pace.handleTake(lastSmallRefill: 5_000, arrivals: 7)
        #expect(pace.nextTake(arrivals: 8) == 0)
        // Much was found.
        pace.handleTake(lastSmallRefill: 0, arrivals: 8)
        #expect(pace.nextTake(arrivals: 8) == 0)
    }

    @Test func `a thread that waits is woken by the append itself`() async throws {
        let (source, mailbox) = (SendQueue(limit: .unlimited), Mailbox(limit: .unlimited))
        let link = try Self.open(source, mailbox)
        let pool = NIOThreadPool(numberOfThreads: 1)
        pool.start()
        for number in 0..<100 {
            async let item = pool.runIfActive { mailbox.takeItem(timeout: nil) }
            if number.isMultiple(of: 2) { await Task.yield() }
            // Nobody else is to be woken.
            #expect(source.append(Encoded.message(number: number)) == .queued)
            #expect(try await item.item?.message.flatMap(Encoded.number) == number)
        }
        try await pool.shutdownGracefully()
        #expect(link.traffic.messageCount == 100)
        #expect(link.traffic.byteCount == 100 * Encoded.message(number: 0).readableBytes)
    }

    @Test func `linked peers and others are served in turn`() throws {
        let mailbox = Mailbox(limit: .unlimited)
        // Nothing is taken ahead: two peers have messages from the beginning.
        mailbox.append(Encoded.message(number: 10), messageCount: 1, from: PeerID(rawValue: 9))
        mailbox.append(Encoded.message(number: 11), messageCount: 1, from: PeerID(rawValue: 9))
        for peer in [2, 3] as [UInt64] {
            let source = SendQueue(limit: .unlimited)
            for number in 0..<3 {
                _ = source.append(Encoded.message(number: Int(peer) * 10 + number))
            }
            _ = try Self.open(source, mailbox, from: PeerID(rawValue: peer))
        }
        let numbers = (0..<8).map { _ in mailbox.tryTake().flatMap(Encoded.number) }
        #expect(numbers == [10, 20, 30, 11, 21, 31, 22, 32])
        #expect(mailbox.tryTake() == nil)
    }

    @Test func `both limits together bound what waits, and half of what is taken makes room`()
        throws
    {
        let source = SendQueue(limit: QueueLimit(messageCount: 10))
        let mailbox = Mailbox(limit: QueueLimit(messageCount: 20))
        let link = try Self.open(source, mailbox)
        var sentCount = 0
        while source.append(Encoded.message(number: sentCount), countRefused: true) != .full {
            sentCount += 1
        }
        // The mailbox takes whole chunks, here of ten.
        #expect(sentCount == 30)
        #expect(source.refusedMessageCount == 1)
        #expect(!source.isWritable)
        #expect(mailbox.messageCount(from: Self.peer) == 20)
        for number in 0..<10 { #expect(mailbox.tryTake().flatMap(Encoded.number) == number) }
        #expect(source.isWritable)
        #expect(link.traffic.messageCount == 30)
    }

    @Test func `whoever waits for room is told when the messages are taken`() async throws {
        let source = SendQueue(limit: QueueLimit(messageCount: 10))
        let mailbox = Mailbox(limit: QueueLimit(messageCount: 10))
        _ = try Self.open(source, mailbox)
        while source.append(Encoded.message(number: 0)) != .full {}
        async let wait = source.waitForRoom(10)
        while mailbox.tryTake() != nil { await Task.yield() }
        guard case .room = await wait else {
            Issue.record("no room")
            return
        }
    }

    @Test func `a prefix is put before what comes by the link, and nothing else`() throws {
        let (source, mailbox) = (SendQueue(limit: .unlimited), Mailbox(limit: .unlimited))
        mailbox.append(Encoded.message(number: 0), messageCount: 1, from: Self.peer)
        let link = try Self.open(source, mailbox, prefix: [1, 1, 7])
        _ = source.append(Encoded.message(number: 1))
        _ = source.append(Encoded.message(number: 2, byteCount: 10_000))
        #expect(mailbox.tryTake() == Encoded.message(number: 0))
        for expected in [
            Encoded.message(number: 1), Encoded.message(number: 2, byteCount: 10_000),
        ] {
            let message = try #require(mailbox.tryTake())
            #expect(Array(message.readableBytesView) == [1, 1, 7] + expected.readableBytesView)
        }
        link.end()
        mailbox.append(Encoded.message(number: 3), messageCount: 1, from: Self.peer)
        #expect(mailbox.tryTake() == Encoded.message(number: 3))
    }

    enum Ending: CaseIterable, Sendable {
        case descriptorHere, handlerHere, closeHere, descriptorThere, handlerThere, refusal
    }

    /// A loop has to tell watchers; and a closed mailbox takes nothing from others.
    @Test(arguments: Ending.allCases)
    func `a link ends when somebody watches or closes, and what was not taken stays`(
        ending: Ending
    ) throws {
        let endCount = Atomic(0)
        let (source, mailbox) = (SendQueue(limit: .unlimited), Mailbox(limit: .unlimited))
        let link = try Self.open(source, mailbox) { _ in
            endCount.wrappingAdd(1, ordering: .relaxed)
        }
        for number in 0..<3 { _ = source.append(Encoded.message(number: number)) }
        switch ending {
        case .descriptorHere: #expect(mailbox.readinessDescriptor() != nil)
        case .handlerHere: mailbox.setReadableHandler {}
        case .closeHere: mailbox.close()
        case .descriptorThere: #expect(source.readinessDescriptor() != nil)
        case .handlerThere: source.setWritableHandler {}
        case .refusal: source.refuseLinks()
        }
        #expect(endCount.load(ordering: .relaxed) == 1)
        #expect(mailbox.tryTake() == nil)
        // For the loop, which was told and looks by itself.
        #expect(source.append(Encoded.message(number: 3)) == .queued)
        #expect(source.take()?.messageCount == 4)
        #expect(source.take() == nil)
        link.end()
        #expect(endCount.load(ordering: .relaxed) == 1)
        let next = QueueLink(from: source) { _ in }
        #expect(!(source.offer(next) && mailbox.open(next, from: Self.peer)))
        #expect(link.hasLostReceiver == (ending == .closeHere))
    }

    @Test func `a link that ended before it was opened is not opened`() {
        let (source, mailbox) = (SendQueue(limit: .unlimited), Mailbox(limit: .unlimited))
        let link = QueueLink(from: source) { _ in }
        #expect(source.offer(link))
        // Nobody is woken while the other end has not answered.
        #expect(source.append(Encoded.message(number: 1)) == .queued)
        link.end()
        #expect(!mailbox.open(link, from: Self.peer))
        #expect(mailbox.tryTake() == nil)
        #expect(source.take()?.messageCount == 1)
    }

    @Test(arguments: [(true, false), (false, true)])
    func `a mailbox that conflates or keeps the order among peers takes no link`(
        conflates: Bool,
        keepsOrder: Bool
    ) {
        let source = SendQueue(limit: .unlimited)
        let mailbox = Mailbox(limit: .unlimited, conflates: conflates, keepsOrder: keepsOrder)
        let link = QueueLink(from: source) { _ in }
        #expect(source.offer(link))
        #expect(!mailbox.open(link, from: Self.peer))
    }
}
