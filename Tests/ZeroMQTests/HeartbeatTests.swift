import SocketTestSupport
import Testing
import Transports
import ZMTP
import ZeroMQ

/// PING and PONG on real connections.
@Suite(.sockets, .timeLimit(.minutes(5))) struct HeartbeatTests {
    private static let beating = SocketOptions {
        $0.heartbeat = HeartbeatOptions(
            interval: .milliseconds(20),
            timeout: .seconds(1),
            timeToLive: .seconds(1)
        )
    }

    /// TTL 1 s is 10 tenths; the context is the PING's number.
    private static func ping(_ number: UInt8) -> [UInt8] {
        Octets.command("PING", [0, 10, 0, 0, 0, number])
    }

    @Test func `a peer that goes silent is pinged, then closed`() async throws {
        let publisher = XPublisher(options: Self.beating)
        let events = publisher.events
        let peer = try await RawPeer.subscriber(of: try await publisher.bind("tcp://127.0.0.1:*"))
        _ = try await peer.receive(Octets.openingByteCount("XPUB"))
        for number in UInt8(1)...3 {
            let ping = Self.ping(number)
            #expect(try await peer.receive(ping.count) == ping)
        }
        #expect(try await events.nextDisconnect() == .heartbeat)
        try await peer.closed()
        try await publisher.awaitCancellation("")
        try await publisher.closeInTime()
    }

    @Test func `a time-to-live in a peer's PING is kept to`() async throws {
        let publisher = XPublisher()
        let events = publisher.events
        let peer = try await RawPeer.subscriber(of: try await publisher.bind("tcp://127.0.0.1:*"))
        try await publisher.awaitSubscription("")
        try await peer.send(Octets.command("PING", [0, 1]))
        #expect(try await events.nextDisconnect() == .heartbeat)
        try await peer.closed()
        try await publisher.closeInTime()
    }

    @Test func `two of ours keep each other`() async throws {
        var options = Self.beating
        options.heartbeat.timeout = .seconds(3)
        options.heartbeat.timeToLive = .seconds(60)
        let publisher = XPublisher(options: options)
        let subscriber = Subscriber(options: options)
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        try await subscriber.connect(endpoint.description)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        // A peer that never answers is closed; meanwhile the others have answered as often as it has not.
        let silent = try await RawPeer.connect(to: endpoint)
        try await silent.send(Octets.greeting() + Octets.ready("SUB"))
        let event = try await events.next("disconnected event") {
            if case .disconnected = $0 { true } else { false }
        }
        #expect("\(event)".contains("went silent"))
        try await silent.closed()
        publisher.send("still here")
        #expect(try await subscriber.receiveTexts(1) == ["still here"])
        #expect(await publisher.subscriberCount() == 1)
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `a peer is not blamed for answers that nobody reads`() async throws {
        var options = Self.beating
        options.queueLimit = QueueLimit(messageCount: 10)
        let subscriber = Subscriber(options: options)
        let events = subscriber.events
        try await subscriber.subscribe(to: "")
        let peer = try await RawPeer.connect(to: try await subscriber.bind("tcp://127.0.0.1:*"))
        // The mailbox is full after these, and reading stops.
        let messages = (0..<100).flatMap { Octets.frame("\($0)") }
        try await peer.send(Octets.greeting() + Octets.ready("PUB") + messages)
        _ = try await peer.receive(Octets.openingByteCount("SUB"))
        _ = try await peer.receive(Octets.command("SUBSCRIBE").count)
        // So many PINGs take longer than the time-out.
        for number in UInt8(1)...60 {
            let ping = Self.ping(number)
            #expect(try await peer.receive(ping.count) == ping)
        }
        #expect(try await subscriber.receiveTexts(100) == (0..<100).map(String.init))
        await peer.close()
        #expect(try await events.nextDisconnect() == .peerClosed)
        try await subscriber.closeInTime()
    }

    @Test func `sockets that are not told ask every five seconds`() {
        let heartbeat = SocketOptions().heartbeat
        #expect(heartbeat == .standard)
        #expect(heartbeat.interval == .seconds(5))
        #expect(heartbeat.timeout == .seconds(10))
        // Nothing is held against this side: a process that stands still for a while comes back.
        #expect(heartbeat.timeToLive == nil)
    }

    // RFC 23 knows no PING, and a peer of ZMTP 3.0 would never answer.
    @Test func `a peer of ZMTP 3.0 is not asked`() async throws {
        let publisher = XPublisher(options: Self.beating)
        let peer = try await RawPeer.connect(to: try await publisher.bind("tcp://127.0.0.1:*"))
        try await peer.send(
            Octets.greeting(minor: 0) + Octets.ready("SUB") + Octets.frame("\u{1}")
        )
        try await publisher.awaitSubscription("")
        _ = try await peer.receive(Octets.openingByteCount("XPUB"))
        try await Task.sleep(for: .milliseconds(200))
        publisher.send("a")
        #expect(try await peer.receive(3) == [0, 1, UInt8(ascii: "a")])
        #expect(await publisher.subscriberCount() == 1)
        await peer.close()
        try await publisher.closeInTime()
    }
}
