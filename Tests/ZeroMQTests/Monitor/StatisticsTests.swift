import SocketTestSupport
import Testing
import ZeroMQ

/// What a socket tells of its peers.
@Suite(.sockets, .timeLimit(.minutes(3))) struct StatisticsTests {
    @Test func `messages and octets are counted for each peer, and what waits`() async throws {
        let puller = Puller()
        let pushers = (0..<2).map { _ in Pusher() }
        let endpoint = try await puller.bind("tcp://127.0.0.1:*")
        for (index, pusher) in pushers.enumerated() {
            try await pusher.connect(endpoint)
            for _ in 0...index { try await pusher.send("twelve bytes") }
        }
        try await eventually("all messages") {
            await puller.peerStatistics().reduce(0) { $0 + $1.received.messageCount } == 3
        }
        _ = puller.tryReceive()
        let peers = await puller.peerStatistics()
        #expect(peers.map(\.peer.socketType) == [.push, .push])
        // A header of two octets and a body of twelve.
        #expect(peers.map(\.received.byteCount).sorted() == [14, 28])
        #expect(peers.reduce(0) { $0 + $1.unreadMessageCount } == 2)
        #expect(peers.allSatisfy { $0.endpoint == nil && $0.ends.local == endpoint.address })
        let sent = await pushers[1].peerStatistics()
        #expect(sent.map(\.outgoing.sentMessageCount) == [2])
        #expect(sent.map(\.endpoint) == [endpoint])
        #expect(sent.map(\.ends.remote) == [endpoint.address])
        for socket in pushers { try await socket.closeInTime() }
        try await puller.closeInTime()
        #expect(await puller.peerStatistics().isEmpty)
    }

    /// Some of them are taken out of the queue ahead of the application.
    @Test func `messages of a lone peer that wait are counted, and know their sender`() async throws
    {
        let (puller, pusher) = (Puller(), Pusher())
        try await pusher.connect(try await puller.bind("inproc://a lone peer"))
        for number in 0..<100 { try await pusher.send(Message("\(number)")) }
        try await eventually("all messages") {
            await puller.peerStatistics().first?.unreadMessageCount == 100
        }
        for taken in 1...100 {
            let message = try await puller.receive()
            #expect(puller.properties(of: message)?.text("Socket-Type") == "PUSH")
            #expect(await puller.peerStatistics().first?.unreadMessageCount == 100 - taken)
        }
        try await pusher.closeInTime()
        try await puller.closeInTime()
    }

    @Test func `drops are counted for the peer that missed the messages`() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.queueLimit = QueueLimit(messageCount: 10)
                $0.kernelSendByteCount = 16 << 10
                $0.linger = .zero
            }
        )
        let events = publisher.events
        let reader = Subscriber()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let stuck = try await RawPeer.subscriber(of: endpoint, isReading: false)
        try await publisher.awaitSubscription("")
        try await reader.connect(endpoint)
        let large = Message([UInt8](repeating: 1, count: 100_000))
        for _ in 0..<100 {
            publisher.send(large)
            try await Task.sleep(for: .milliseconds(1))
        }
        try await eventually("drops") {
            await publisher.peerStatistics().contains { $0.outgoing.drops[.queueFull] > 0 }
        }
        let drops = await publisher.peerStatistics().map(\.outgoing.droppedMessageCount)
        // The reader has no subscription: nothing was for it.
        #expect(drops.count == 2 && drops[0] > 0 && drops[1] == 0, "\(drops)")
        await publisher.reportStatistics()
        let told = try await events.next("statistics") {
            if case .statistics = $0 { true } else { false }
        }
        guard case .statistics(let figures) = told else { return }
        #expect(figures.outgoing.droppedMessageCount >= drops[0])
        #expect(told.libzmq?.kind == .pipesStats)
        #expect(told.libzmq?.values == [UInt64(figures.outgoing.queuedMessageCount), 0])
        await stuck.close()
        try await reader.closeInTime()
        try await publisher.closeInTime()
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*", "ws://127.0.0.1:*"])
    func `the round trip is known after a PING`(binding: String) async throws {
        let options = SocketOptions { $0.heartbeat = HeartbeatOptions(interval: .milliseconds(10)) }
        let (near, far) = (Pair(options: options), Pair())
        try await far.connect(try await near.bind(binding))
        try await eventually("round trip") {
            await near.peerStatistics().first?.roundTrip != nil
        }
        let time = try #require(await near.peerStatistics().first?.roundTrip)
        #expect(time.least > .zero && time.least <= time.smoothed)
        try await far.closeInTime()
        try await near.closeInTime()
    }
}
