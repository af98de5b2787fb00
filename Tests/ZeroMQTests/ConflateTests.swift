import SocketTestSupport
import Testing
import ZeroMQ

/// `ZMQ_CONFLATE`: "keep only one message in its inbound/outbound queue, this message being the last message received/the last message to be sent".
@Suite(.sockets, .timeLimit(.minutes(2))) struct ConflateTests {
    private static let options = SocketOptions { $0.conflates = true }

    @Test func `a receiver keeps the newest message of each peer`() async throws {
        try await withSocket(Puller(options: Self.options)) { puller in
            let endpoint = try await puller.bind("tcp://127.0.0.1:*")
            let pushers = [Pusher(), Pusher()]
            for (index, pusher) in pushers.enumerated() {
                try await pusher.connect(endpoint)
                for number in 0...1_000 { try await pusher.send(["\(index)", "\(number)"]) }
            }
            for pusher in pushers { try await pusher.closeInTime() }
            try await puller.awaitPeers(0)
            let newest = try await [puller.receiveInTime(), puller.receiveInTime()]
            #expect(Set(newest.map { $0.frames.map(\.text) }) == [["0", "1000"], ["1", "1000"]])
            #expect(puller.tryReceive() == nil)
        }
    }

    @Test func `a subscriber keeps the newest of what it asked for`() async throws {
        try await withSocket(XPublisher()) { publisher in
            let subscriber = Subscriber(options: Self.options)
            try await subscriber.connect(publisher.bind("tcp://127.0.0.1:*"))
            try await subscriber.subscribe(to: "a")
            try await publisher.awaitSubscription("a")
            for number in 0...1_000 {
                publisher.send(Message("a \(number)"))
                publisher.send(Message("b \(number)"))
            }
            try await publisher.closeInTime()
            try await eventually("newest") { subscriber.tryReceive()?[0].text == "a 1000" }
            #expect(subscriber.tryReceive() == nil)
            await subscriber.close()
        }
    }

    /// Of what waits for somebody who is not there yet only the newest message stays, and a sender never waits.
    @Test func `a sender keeps the newest message`() async throws {
        try await withSocket(Pusher(options: Self.options)) { pusher in
            try await pusher.connect("inproc://conflate-early")
            for number in 0..<5_000 { try await pusher.send("\(number)") }
            try await eventually("drops") { await pusher.drops().total == 4_999 }
            try await withSocket(Puller()) { puller in
                try await puller.bind("inproc://conflate-early")
                #expect(try await puller.receiveInTime()[0].text == "4999")
                try await pusher.send("next")
                #expect(try await puller.receiveInTime()[0].text == "next")
            }
        }
    }

    /// A subscriber that stalls gets what the kernel held, and then the newest.
    @Test(arguments: ["PUB", "PUSH", "DEALER"])
    func `who stalls is sent the newest when it goes on`(type: String) async throws {
        let (publisher, pusher, dealer) = (
            Publisher(options: Self.options), Pusher(options: Self.options),
            Dealer(options: Self.options)
        )
        let socket: Socket = type == "PUB" ? publisher : type == "PUSH" ? pusher : dealer
        let endpoint = try await socket.bind("tcp://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint, isReading: false)
        let role = ["PUB": "SUB", "PUSH": "PULL", "DEALER": "DEALER"][type] ?? ""
        try await peer.send(
            // ZMTP 3.0, so that no PING comes between the messages.
            Octets.greeting(minor: 0) + Octets.ready(role)
                + (type == "PUB" ? Octets.frame("\u{1}") : [])
        )
        if type == "PUB" {
            try await publisher.waitForSubscribers(timeout: .seconds(30))
        } else {
            try await (type == "PUSH" ? pusher : dealer as PeerSocket).awaitPeers(1)
        }
        let body = [UInt8](repeating: 7, count: 100_000)
        let count = 200
        for number in 0...count {
            let message = Message([UInt8(number)] + body)
            switch type {
            case "PUB": try await publisher.sendWaiting(message)
            case "PUSH": try await pusher.send(message)
            default: try await dealer.send(message)
            }
        }
        let droppedCount: @Sendable () async -> Int = {
            switch type {
            case "PUB": await publisher.droppedMessageCount()
            case "PUSH": await pusher.drops().total
            default: await dealer.drops().total
            }
        }
        try await eventually("drops") { await droppedCount() > 0 }
        try await peer.startReading()
        _ = try await peer.receive(Octets.openingByteCount(type))
        var numbers: [Int] = []
        while numbers.last != count {
            numbers.append(Int(try await peer.receive(9 + 1 + body.count)[9]))
        }
        #expect(numbers == numbers.sorted())
        #expect(numbers.count < count)
        #expect(numbers.count + (await droppedCount()) == count + 1)
        await peer.close()
        for socket in [publisher, pusher, dealer] as [Socket] { await socket.close() }
    }
}
