import NIOCore
import Simulation
import Synchronization
import Testing
import Transports

@testable import DataPlane

@Suite struct MailboxTests {
    /// Runs of any length and size, shared and copied, of several peers: each message once, in the order of its peer.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `what goes in comes out in order and with its peer`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let mailbox = Mailbox(limit: QueueLimit(messageCount: .max, byteCount: 20_000))
        var expected: [UInt64: [Int]] = [:]
        var taken: [UInt64: [Int]] = [:]
        var appendedCount = 0
        func takeOne() -> Bool {
            guard case .message(let message, let peer)? = mailbox.tryTakeItem() else {
                return false
            }
            taken[peer.rawValue, default: []].append(Encoded.number(message) ?? -1)
            return true
        }
        for _ in 0..<400 {
            let peer = UInt64.random(in: 1...3, using: &generator)
            let messages = (0..<Int.random(in: 1...5, using: &generator)).map { offset in
                Encoded.message(
                    number: appendedCount + offset,
                    byteCount: [8, 300, 4_000].randomElement(using: &generator) ?? 8
                )
            }
            for offset in messages.indices {
                expected[peer, default: []].append(appendedCount + offset)
            }
            appendedCount += messages.count
            let size = messages.reduce(0) { $0 + $1.readableBytes }
            let pinned = [size, 4 * size, 32 << 10].randomElement(using: &generator) ?? size
            mailbox.append(
                Encoded.slice(messages, ofReadOf: max(size, pinned)),
                messageCount: messages.count,
                from: PeerID(rawValue: peer)
            )
            for _ in 0..<Int.random(in: 0...6, using: &generator) where !takeOne() { break }
        }
        while takeOne() {}
        #expect(taken == expected, "seed \(seed)")
        #expect(!mailbox.isReadable)
        #expect(mailbox.slackByteCount == 0)
    }

    /// One by one or in runs, with or without pauses: nobody overtakes anybody, and every message has its sender.
    @Test(arguments: 0..<20 as Range<UInt64>)
    func `where order is kept, messages come out as they went in, with their peers`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let mailbox = Mailbox(
            limit: QueueLimit(messageCount: 50, byteCount: 1 << 20),
            keepsOrder: true
        )
        var senders: [UInt64] = []
        var takenCount = 0
        func takeOne() -> Bool {
            guard case .message(let message, let peer)? = mailbox.tryTakeItem() else {
                return false
            }
            #expect(Encoded.number(message) == takenCount)
            #expect(peer.rawValue == senders[takenCount], "seed \(seed), message \(takenCount)")
            takenCount += 1
            return true
        }
        for _ in 0..<300 {
            let peer = UInt64.random(in: 1...3, using: &generator)
            let messages = (0..<Int.random(in: 1...4, using: &generator)).map { offset in
                Encoded.message(
                    number: senders.count + offset,
                    byteCount: [8, 300].randomElement(using: &generator) ?? 8
                )
            }
            let size = messages.reduce(0) { $0 + $1.readableBytes }
            // The limit is that of all together.
            let isTaken = mailbox.offer(
                Encoded.slice(messages, ofReadOf: size),
                messageCount: messages.count,
                from: PeerID(rawValue: peer)
            )
            #expect(isTaken == (senders.count - takenCount + messages.count <= 50))
            if isTaken { senders += messages.map { _ in peer } }
            for _ in 0..<Int.random(in: 0...4, using: &generator) where !takeOne() { break }
            if Int.random(in: 0..<8, using: &generator) == 0, let run = mailbox.tryTakeRun() {
                takenCount += run.messageCount
            }
        }
        while takeOne() {}
        #expect(takenCount == senders.count)
    }

    @Test func `an offer is refused at the limit and taken when there is room`() {
        let size = Encoded.message(number: 0).readableBytes
        for limit in [
            QueueLimit(messageCount: 3), QueueLimit(messageCount: .max, byteCount: 4 * size - 1),
        ] {
            let mailbox = Mailbox(limit: limit)
            let offers = (0..<5).map { number in
                mailbox.offer(Encoded.message(number: number), messageCount: 1, from: .none)
            }
            #expect(offers == [true, true, true, false, false])
            #expect(mailbox.tryTake().flatMap(Encoded.number) == 0)
            #expect(mailbox.offer(Encoded.message(number: 7), messageCount: 1, from: .none))
            #expect(!mailbox.offer(Encoded.message(number: 8), messageCount: 1, from: .none))
            #expect((0..<3).map { _ in mailbox.tryTake().flatMap(Encoded.number) } == [1, 2, 7])
        }
    }

    @Test func `a pause ends when half is taken`() {
        let mailbox = Mailbox(limit: QueueLimit(messageCount: 4))
        let rooms = Counter()
        mailbox.setRoomHandler { _ in rooms.increment() }
        let goOns = (0..<5).map {
            mailbox.append(Encoded.message(number: $0), messageCount: 1, from: .none)
        }
        #expect(goOns == [true, true, true, false, false])
        _ = mailbox.tryTake()
        _ = mailbox.tryTake()
        #expect(rooms.value == 0)
        _ = mailbox.tryTake()
        #expect(rooms.value == 1)
    }

    /// RFC 28, 29, 30: "SHALL receive incoming messages from its peers using a fair-queuing strategy".
    @Test func `one message of each peer in turn, however many one has sent`() {
        let mailbox = Mailbox(limit: .unlimited)
        func append(_ numbers: Range<Int>, from peer: UInt64) {
            for number in numbers {
                mailbox.append(
                    Encoded.message(number: number),
                    messageCount: 1,
                    from: PeerID(rawValue: peer)
                )
            }
        }
        func take(_ count: Int) -> [Int?] {
            (0..<count).map { _ in mailbox.tryTake().flatMap(Encoded.number) }
        }
        append(0..<5, from: 1)
        append(10..<12, from: 2)
        append(20..<21, from: 3)
        #expect(take(4) == [0, 10, 20, 1])
        // Who comes now waits for one message of each who was there.
        append(30..<32, from: 4)
        #expect(take(6) == [11, 2, 30, 3, 31, 4])
        #expect(take(1) == [nil])
    }

    @Test func `only who floods is asked to pause, and is told when there is room`() {
        let mailbox = Mailbox(limit: QueueLimit(messageCount: 4))
        let relieved = Mutex<[UInt64]>([])
        mailbox.setRoomHandler { peer in relieved.withLock { $0.append(peer.rawValue) } }
        func append(from peer: UInt64) -> Bool {
            mailbox.append(
                Encoded.message(number: 0),
                messageCount: 1,
                from: PeerID(rawValue: peer)
            )
        }
        #expect((0..<4).map { _ in append(from: 1) } == [true, true, true, false])
        #expect(append(from: 2))
        for _ in 0..<3 { _ = mailbox.tryTake() }
        #expect(relieved.withLock { $0 } == [1])
        // Who has left is forgotten when its last message is taken.
        mailbox.detach(PeerID(rawValue: 1))
        #expect((0..<3).map { _ in mailbox.tryTake() != nil } == [true, true, false])
    }

    @Test func `the descriptor is readable while there is a message, and after the close`() throws {
        let mailbox = Mailbox(limit: .unlimited)
        mailbox.append(Encoded.message(number: 0), messageCount: 1, from: .none)
        let descriptor = try #require(mailbox.readinessDescriptor())
        #expect(descriptor.isReadable)
        _ = mailbox.tryTake()
        #expect(!descriptor.isReadable)
        mailbox.append(Encoded.message(number: 1), messageCount: 1, from: .none)
        mailbox.append(Encoded.message(number: 2), messageCount: 1, from: .none)
        _ = mailbox.tryTake()
        #expect(descriptor.isReadable)
        _ = mailbox.tryTake()
        #expect(!descriptor.isReadable)
        #expect(mailbox.readinessDescriptor() == descriptor)
        mailbox.close()
        #expect(descriptor.isReadable)
    }
}
