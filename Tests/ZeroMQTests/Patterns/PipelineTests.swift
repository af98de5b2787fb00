import SocketTestSupport
import Testing
import ZeroMQ

/// RFC 30: PUSH and PULL.
@Suite(.sockets, .timeLimit(.minutes(2))) struct PipelineTests {
    @Test(arguments: Wires.allCases)
    func `messages of any form arrive once and in order`(wire: Wires) async throws {
        try await withSocket(Pusher()) { pusher in
            try await withSocket(Puller()) { puller in
                let endpoint = try await puller.bind(wire.endpoint("pipeline-order"))
                try await pusher.connect(endpoint)
                let large = [UInt8](repeating: 7, count: 1 << 20)
                try await pusher.send(["", "two", ""])
                try await pusher.send(Message(large))
                for number in 0..<5_000 { try await pusher.send("\(number)") }
                #expect(try await puller.receiveInTime().frames.map(\.text) == ["", "two", ""])
                #expect(try await puller.receiveInTime()[0].count == large.count)
                #expect(try await puller.receiveTexts(5_000) == (0..<5_000).map { "\($0)" })
            }
        }
    }

    /// "SHALL route outgoing messages to available peers using a round-robin strategy."
    @Test func `each puller gets a message in turn`() async throws {
        try await withSocket(Pusher()) { pusher in
            let endpoint = try await pusher.bind("inproc://pipeline-turns")
            let pullers = [Puller(), Puller(), Puller()]
            for (index, puller) in pullers.enumerated() {
                try await puller.connect(endpoint)
                try await pusher.awaitPeers(index + 1)
            }
            for number in 0..<30 { try await pusher.send("\(number)") }
            for (index, puller) in pullers.enumerated() {
                let expected = stride(from: index, to: 30, by: 3).map { "\($0)" }
                #expect(try await puller.receiveTexts(10) == expected)
                await puller.close()
            }
        }
    }

    /// "SHALL receive incoming messages from its peers using a fair-queuing strategy."
    @Test func `a pusher that floods does not hold up another one`() async throws {
        try await withSocket(Puller()) { puller in
            let endpoint = try await puller.bind("tcp://127.0.0.1:*")
            let (loud, quiet) = (Pusher(), Pusher())
            try await loud.connect(endpoint)
            for _ in 0..<10_000 { try await loud.send("loud") }
            try await eventually("flood") { puller.isReadable }
            try await quiet.connect(endpoint)
            try await quiet.send("quiet")
            try await puller.awaitPeers(2)
            // It is there by now or a little later; from then on it is at most one message away.
            try await within("quiet message") {
                while try await puller.receive()[0].text != "quiet" {}
            }
            #expect(puller.isReadable)
            await loud.close()
            await quiet.close()
        }
    }

    /// "SHALL block on sending, or return a suitable error, when it has no available peers."
    @Test func `without a peer there is no room`() async throws {
        try await withSocket(Pusher()) { pusher in
            let endpoint = try await pusher.bind("inproc://pipeline-nobody")
            #expect(pusher.trySend("lost") == .full)
            #expect(!pusher.isWritable)
            await #expect(throws: ZeroMQError.self) {
                try await pusher.send("late", timeout: .milliseconds(20))
            }
            let waiting = Task { try await pusher.send("waited") }
            try await withSocket(Puller()) { puller in
                try await puller.connect(endpoint)
                #expect(try await puller.receiveInTime()[0].text == "waited")
            }
            try await waiting.value
            try await pusher.awaitPeers(0)
            try await eventually("no room") { pusher.trySend("lost") == .full }
        }
    }

    /// `ZMQ_IMMEDIATE`: an endpoint that nobody answers at takes messages, unless only connected peers count.
    @Test(arguments: [false, true])
    func `what is sent before the peer is there waits for it`(isImmediate: Bool) async throws {
        try await withSocket(Pusher(options: SocketOptions { $0.isImmediate = isImmediate })) {
            pusher in
            try await pusher.connect("inproc://pipeline-early-\(isImmediate)")
            guard !isImmediate else { return #expect(pusher.trySend("early") == .full) }
            #expect(pusher.trySend("early") == .queued)
            try await withSocket(Puller()) { puller in
                try await puller.bind("inproc://pipeline-early-\(isImmediate)")
                #expect(try await puller.receiveInTime()[0].text == "early")
            }
        }
    }

    /// The limit is each peer's own: a puller that takes nothing fills its queue, and the other one gets the rest.
    @Test func `who takes nothing gets no more than its queue holds`() async throws {
        let options = SocketOptions { $0.queueLimit = QueueLimit(messageCount: 10) }
        try await withSocket(Pusher(options: options)) { pusher in
            let endpoint = try await pusher.bind("inproc://pipeline-full")
            let (lazy, busy) = (Puller(options: options), Puller())
            try await lazy.connect(endpoint)
            try await busy.connect(endpoint)
            try await pusher.awaitPeers(2)
            let body = [UInt8](repeating: 1, count: 300_000)
            let counted = Task {
                var count = 0
                while try await busy.receive()[0].text != "end" { count += 1 }
                return count
            }
            for _ in 0..<200 { try await pusher.send(Message(body)) }
            try await eventually("room for the end", .seconds(20)) {
                // Whoever takes it: only one of the two still takes anything.
                pusher.trySend("end") == .queued && lazy.isReadable
            }
            for _ in 0..<2 { _ = pusher.trySend("end") }
            let count = try await within("end") { try await counted.value }
            #expect(count >= 100)
            await lazy.close()
            await busy.close()
        }
    }

    @Test func `what waits for a peer that leaves goes to another one`() async throws {
        try await withSocket(Pusher()) { pusher in
            let endpoint = try await pusher.bind("tcp://127.0.0.1:*")
            let lazy = Puller(
                options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 1) }
            )
            try await lazy.connect(endpoint)
            try await pusher.awaitPeers(1)
            let body = [UInt8](repeating: 1, count: 1 << 20)
            for _ in 0..<40 { try await pusher.send(Message(body)) }
            try await withSocket(Puller()) { puller in
                try await puller.connect(endpoint)
                try await pusher.awaitPeers(2)
                await lazy.close()
                try await pusher.awaitPeers(1)
                try await pusher.send("last")
                var count = 0
                while try await puller.receiveInTime()[0].text != "last" { count += 1 }
                // What the kernel held for the lazy one is lost; nothing that waited here is.
                #expect(count > 10)
                #expect(await pusher.drops().isEmpty)
            }
        }
    }

    @Test func `a close sends what waits`() async throws {
        try await withSocket(Puller()) { puller in
            let endpoint = try await puller.bind("tcp://127.0.0.1:*")
            let pusher = Pusher()
            try await pusher.connect(endpoint)
            for number in 0..<2_000 { try await pusher.send("\(number)") }
            try await pusher.closeInTime()
            #expect(try await puller.receiveTexts(2_000) == (0..<2_000).map { "\($0)" })
        }
    }

    @Test func `multicast is refused with what it carries`() async throws {
        await withSocket(Pusher()) { pusher in
            let error = await #expect(throws: ZeroMQError.self) {
                try await pusher.connect("epgm://lo;239.192.1.1:5555")
            }
            #expect(error?.message.contains("PUB, SUB, XPUB and XSUB only, not PUSH") == true)
        }
    }
}
