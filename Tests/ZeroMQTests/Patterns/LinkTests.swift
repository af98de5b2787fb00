import NIOCore
import SocketTestSupport
import Synchronization
import Testing
import Transports
import ZeroMQ

@testable import DataPlane

/// A lone peer in the same process takes messages straight from the sender's queue. Nobody may notice, but for the time it takes.
@Suite(.sockets, .timeLimit(.minutes(3))) struct LinkTests {
    @Test func `a lone peer is linked, until another one comes, and again when that has gone`()
        async throws
    {
        let (pusher, first) = (Pusher(), Puller())
        try await first.connect(pusher.bind("inproc://link-comings"))
        try await eventually("link") { pusher.isLinked }
        for number in 0..<100 { try await pusher.send("\(number)") }
        #expect(try await first.receiveTexts(100) == (0..<100).map { "\($0)" })
        let second = Puller()
        try await second.connect("inproc://link-comings")
        try await pusher.awaitPeers(2)
        #expect(!pusher.isLinked)
        for number in 0..<10 { try await pusher.send("\(number)") }
        let shares = try await [first.receiveTexts(5), second.receiveTexts(5)]
        #expect(shares.flatMap { $0 }.sorted() == (0..<10).map { "\($0)" })
        try await second.closeInTime()
        try await eventually("link again") { pusher.isLinked }
        try await pusher.send("last")
        #expect(try await first.receiveTexts(1) == ["last"])
        try await pusher.closeInTime()
        try await first.closeInTime()
    }

    /// The way changes in the middle of a stream, many times.
    @Test func `nothing is lost or doubled while peers come and go`() async throws {
        let pusher = Pusher(
            options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 200) }
        )
        let stayer = Puller(
            options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 100) }
        )
        try await stayer.connect(pusher.bind("inproc://link-stayer"))
        let count = 40_000
        let seen = Numbers()
        try await within("all messages", .seconds(120)) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { for number in 0..<count { try await pusher.send("\(number)") } }
                group.addTask { for await message in stayer.messages { seen.add(message) } }
                let guests = Task {
                    while !seen.isComplete {
                        let guest = Puller()
                        try await pusher.connect(guest.bind("inproc://link-guest"))
                        try await pusher.awaitPeers(2)
                        try await Task.sleep(for: .milliseconds(1))
                        // It is sent what waits for it before the connection ends.
                        try await pusher.disconnect("inproc://link-guest")
                        try await guest.awaitPeers(0)
                        while let message = guest.tryReceive() { seen.add(message) }
                        await guest.close()
                    }
                }
                try await eventually("all messages", .seconds(100)) { seen.count >= count }
                seen.complete()
                // The last guest is not to wait for a peer that is gone.
                try await guests.value
                await stayer.close()
                try await group.waitForAll()
            }
        }
        #expect(seen.sorted == (0..<count).map { $0 })
        try await pusher.closeInTime()
    }

    @Test func `the order stays when the link ends in the middle of a stream`() async throws {
        let (pusher, puller) = (Pusher(), Puller())
        try await pusher.connect(puller.bind("inproc://link-end"))
        try await eventually("link") { pusher.isLinked }
        async let sent: Void = {
            for number in 0..<50_000 { try await pusher.send("\(number)") }
        }()
        #expect(try await puller.receiveTexts(1_000) == (0..<1_000).map { "\($0)" })
        puller.setReadableHandler {}
        #expect(!pusher.isLinked)
        #expect(try await puller.receiveTexts(49_000) == (1_000..<50_000).map { "\($0)" })
        try await sent
        puller.setReadableHandler(nil)
        try await pusher.closeInTime()
        try await puller.closeInTime()
    }

    @Test func `messages that wait when the sender closes arrive all the same`() async throws {
        let pusher = Pusher()
        let puller = Puller(options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 10) })
        try await pusher.connect(puller.bind("inproc://link-linger"))
        try await eventually("link") { pusher.isLinked }
        for number in 0..<20_000 { try await pusher.send("\(number)") }
        let closing = Task { try await pusher.closeInTime() }
        #expect(try await puller.receiveTexts(20_000) == (0..<20_000).map { "\($0)" })
        try await closing.value
        try await puller.closeInTime()
    }

    @Test func `what a peer that closes has not taken is the next one's`() async throws {
        let pusher = Pusher()
        try await pusher.bind("inproc://link-heir")
        let first = Puller(options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 10) })
        try await first.connect("inproc://link-heir")
        try await eventually("link") { pusher.isLinked }
        let padding = Frame([UInt8](repeating: 7, count: 2_000))
        for number in 0..<2_000 { try await pusher.send([Frame("\(number)"), padding]) }
        #expect(try await first.receiveTexts(5) == (0..<5).map { "\($0)" })
        try await first.closeInTime()
        let second = Puller()
        try await second.connect("inproc://link-heir")
        let begin = try #require(Int(try await second.receiveInTime()[0].text))
        // The first had taken what one look brought, which is a chunk.
        #expect(begin < 100)
        let texts = try await second.receiveTexts(1_999 - begin)
        #expect(texts == (begin + 1..<2_000).map { "\($0)" })
        try await second.closeInTime()
        try await pusher.closeInTime()
    }

    @Test func `both ends count what has gone by the link`() async throws {
        let (pair, other) = (Pair(), Pair())
        try await pair.connect(other.bind("inproc://link-counts"))
        try await eventually("links") { pair.isLinked && other.isLinked }
        for number in 0..<1_000 { try await pair.send("\(1_000 + number)") }
        for number in 0..<10 { try await other.send("\(1_000 + number)") }
        let (ours, theirs) = await (pair.peerStatistics(), other.peerStatistics())
        #expect(ours.map(\.outgoing.sentMessageCount) == [1_000])
        #expect(ours.map(\.outgoing.sentByteCount) == [6_000])
        #expect(ours.map(\.outgoing.queuedMessageCount) == [0])
        #expect(ours.map(\.received.messageCount) == [10])
        #expect(theirs.map(\.received.messageCount) == [1_000])
        #expect(theirs.map(\.received.byteCount) == [6_000])
        #expect(theirs.map(\.unreadMessageCount) == [1_000])
        #expect(theirs.map(\.outgoing.sentMessageCount) == [10])
        #expect(try await other.receiveTexts(1_000) == (1_000..<2_000).map { "\($0)" })
        #expect(try await pair.receiveTexts(10) == (1_000..<1_010).map { "\($0)" })
        try await pair.closeInTime()
        try await other.closeInTime()
    }

    @Test func `a router's messages are addressed, and requests of a linked dealer are answered`()
        async throws
    {
        let dealer = Dealer(options: SocketOptions { $0.routingID = Array("ann".utf8) })
        let router = Router()
        try await dealer.connect(router.bind("inproc://link-router"))
        try await eventually("link") { dealer.isLinked }
        for number in 0..<1_000 { try await dealer.send(["\(number)", "body"]) }
        for number in 0..<1_000 {
            let message = try await router.receiveInTime()
            #expect(message.frames.map(\.text) == ["ann", "\(number)", "body"])
        }
        async let answer = dealer.request("question", timeout: .seconds(20))
        var request = try await router.receiveInTime().frames
        #expect(request.last?.text == "question")
        request[request.count - 1] = "answer"
        try await router.send(Message(request))
        #expect(try await answer[0].text == "answer")
        #expect(!dealer.isLinked)
        try await dealer.closeInTime()
        try await router.closeInTime()
    }

    /// The request goes by the link, its number is looked at on the way, and the reply comes by the loop.
    @Test func `requests go by a link, each once, and abandoned ones do not`() async throws {
        let (requester, replier) = (Requester(), Replier())
        try await requester.connect(replier.bind("inproc://link-requests"))
        try await eventually("link") { requester.isLinked }
        let serving = Task { try await replier.serve { ["echo", $0[0]] } }
        for number in 0..<2_000 {
            let reply = try await within("reply") { try await requester.request("\(number)") }
            #expect(reply.frames.map(\.text) == ["echo", "\(number)"])
        }
        #expect(requester.isLinked)
        serving.cancel()
        try await requester.closeInTime()
        try await replier.closeInTime()
    }

    /// A late reply would be taken for that to the next request: the connection ends, and the next request waits for another one.
    @Test func `a request after one that timed out is answered by its own reply`() async throws {
        let requester = Requester(
            options: SocketOptions {
                $0.reconnectInitial = .milliseconds(1)
                $0.reconnectMaximum = .milliseconds(1)
            }
        )
        let replier = Replier()
        try await requester.connect(replier.bind("inproc://link-late"))
        for number in 0..<50 {
            try await eventually("link") { requester.isLinked }
            let late = Task {
                try await requester.request("late \(number)", timeout: .milliseconds(20))
            }
            // One that was taken when its time is up, and one that was not.
            let isTaken = number.isMultiple(of: 2)
            if isTaken { _ = try await within("request") { try await replier.receive() } }
            await #expect(throws: ZeroMQError.self) { try await late.value }
            if isTaken { try await replier.send("too late") }
            async let reply = requester.request("\(number)", timeout: .seconds(20))
            while true {
                let request = try await within("request") { try await replier.receive() }
                try await replier.send(["echo", request[0]])
                if request[0].text == "\(number)" { break }
            }
            #expect(try await reply.frames.map(\.text) == ["echo", "\(number)"])
        }
        try await requester.closeInTime()
        try await replier.closeInTime()
    }

    /// Sizes are looked at on the way, which a link has none of.
    @Test func `a peer that bounds messages takes no link, and sends away who goes beyond`()
        async throws
    {
        let pusher = Pusher(options: SocketOptions { $0.linger = .zero })
        let puller = Puller(options: SocketOptions { $0.messageByteCountMax = 1_000 })
        let events = puller.events
        try await pusher.connect(puller.bind("inproc://link-bounds"))
        try await pusher.send("small")
        #expect(try await puller.receiveTexts(1) == ["small"])
        #expect(!pusher.isLinked)
        try await pusher.send(Message([UInt8](repeating: 1, count: 1_001)))
        _ = try await events.next("disconnection") {
            if case .disconnected = $0 { true } else { false }
        }
        try await pusher.closeInTime()
        try await puller.closeInTime()
    }

    /// A watcher is told by a loop.
    @Test func `a socket that is watched is told of each message all the same`() async throws {
        let (pusher, puller) = (Pusher(), Puller())
        try await pusher.connect(puller.bind("inproc://link-watched"))
        try await eventually("link") { pusher.isLinked }
        let wakeUps = Atomic(0)
        puller.setReadableHandler { wakeUps.wrappingAdd(1, ordering: .relaxed) }
        #expect(!pusher.isLinked)
        for number in 1...3 {
            try await pusher.send("\(number)")
            try await eventually("wake-up") { wakeUps.load(ordering: .relaxed) == number }
            #expect(puller.tryReceive()?[0].text == "\(number)")
        }
        puller.setReadableHandler(nil)
        try await pusher.closeInTime()
        try await puller.closeInTime()
    }
}

extension Socket {
    /// Whether a peer takes messages straight from this socket's queue.
    var isLinked: Bool {
        engine.outlet?.state.withLock { $0.taker.openLink != nil } ?? false
    }
}

/// The numbers that messages began with.
private final class Numbers: Sendable {
    private let all = Mutex<[Int]>([])
    private let isOver = Atomic(false)

    /// Nobody is to come any more.
    func complete() { isOver.store(true, ordering: .releasing) }

    var isComplete: Bool { isOver.load(ordering: .acquiring) }

    func add(_ message: Message) { all.withLock { $0.append(Int(message[0].text) ?? -1) } }

    var count: Int { all.withLock { $0.count } }

    var sorted: [Int] { all.withLock { $0.sorted() } }
}
