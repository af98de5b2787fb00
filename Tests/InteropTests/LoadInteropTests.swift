import Patterns
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

@testable import XylemPeer

/// Many subscriptions, large messages, slow readers: with libzmq on the other side.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct LoadInteropTests {
    private static let topicCount = 100_000

    private static func close(_ socket: Socket) async throws {
        try await within("close") { await socket.close() }
    }

    @Test func `our 100,000 subscriptions reach libzmq, and again after it crashed`() async throws {
        let topics = (0..<Self.topicCount).map { number in
            let digits = String(number)
            let zeros = String(repeating: "0", count: 6 - digits.count)
            return Array("many.\(zeros)\(digits).".utf8)
        }
        let subscriber = Subscriber(
            options: SocketOptions { $0.reconnectInitial = .milliseconds(10) }
        )
        try await subscriber.subscribe(to: topics)
        var endpoint = "tcp://127.0.0.1:*"
        for _ in 0..<2 {
            let peer = try PeerProcess(
                "xpublisher",
                "--bind",
                endpoint,
                "--quiet-subscriptions",
                "--rcvhwm",
                "0"
            )
            endpoint = try await peer.endpoint()
            try await subscriber.connect(endpoint)
            try peer.send("expect-subscriptions \(Self.topicCount)")
            _ = try await peer.event("subscriptions")
            let sample = NumberedMessage(topic: "many.099999.", sequence: 0)
            try peer.send("send 10 64 many.100000.\nsend 10 64 many.099999.")
            #expect(try await subscriber.compare(0..<10, with: sample) == 0)
            peer.kill()
        }
        try await Self.close(subscriber)
    }

    @Test func `libzmq's 100,000 subscriptions reach us, and again after a restart`() async throws {
        var publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let peer = try PeerProcess(
            "subscriber",
            "--connect",
            endpoint,
            "--sndhwm",
            "0",
            "--reconnect-ms",
            "10",
            "--topic",
            "many.099999."
        )
        _ = try await peer.event("handshaken")
        try peer.send("subscribe-many \(Self.topicCount)")
        for round in UInt64(0)..<2 {
            try await Self.awaitSubscriptions(publisher)
            try await publisher.send(
                round * 10..<round * 10 + 10,
                like: NumberedMessage(topic: "many.099999.", sequence: 0)
            )
            try peer.send("expect \(round * 10 + 10)")
            let received = try await peer.event("received")
            #expect(received.isComplete(count: Int(round) * 10 + 10), "\(received)")
            try await Self.close(publisher)
            publisher = XPublisher()
            if round == 0 { try await publisher.bind(endpoint) }
        }
        await peer.close()
    }

    private static func awaitSubscriptions(_ publisher: XPublisher) async throws {
        try await within("\(topicCount) subscriptions") {
            var topics = Set<[UInt8]>()
            while topics.count < topicCount {
                guard case .subscribed(let topic) = try await publisher.receive() else { continue }
                topics.insert(topic)
            }
        }
    }

    @Test func `64 MB go both ways`() async throws {
        let size = 64 << 20
        let big = NumberedMessage(topic: "big.", sequence: 0, byteCount: size)
        // The options as they are: a message larger than the queue's limit still goes through an empty queue.
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let receiver = try PeerProcess(
            "subscriber",
            "--connect",
            endpoint,
            "--topic",
            "big.",
            "--subscribe",
            "big."
        )
        _ = try await within("subscription") { try await publisher.receive() }
        for sequence in UInt64(0)..<2 {
            try await publisher.send(sequence..<sequence + 1, like: big)
            try receiver.send("expect \(sequence + 1)")
            let received = try await receiver.event("received")
            #expect(received.isComplete(count: Int(sequence) + 1), "\(received)")
            #expect(received.bytes == (Int(sequence) + 1) * size)
        }
        try await Self.close(publisher)
        await receiver.close()
        let subscriber = Subscriber()
        let sender = try PeerProcess("publisher", "--bind", "tcp://127.0.0.1:*")
        try await subscriber.subscribe(to: "big.")
        try await subscriber.connect(try await sender.endpoint())
        try await subscriber.awaitProbe("big.", of: sender)
        try sender.send("send 2 \(size) big.")
        #expect(try await subscriber.compare(0..<2, with: big) == 0)
        try await Self.close(subscriber)
        await sender.close()
    }

    @Test func `a slow libzmq subscriber loses, counted, and the others do not`() async throws {
        let publisher = XPublisher(
            options: SocketOptions {
                $0.queueLimit = QueueLimit(messageCount: 2_000)
                $0.kernelSendByteCount = 64 << 10
            }
        )
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        let slow = try PeerProcess(
            "subscriber",
            "--connect",
            endpoint,
            "--rcvhwm",
            "10",
            "--rcvbuf",
            "65536"
        )
        let quick = try PeerProcess("subscriber", "--connect", endpoint, "--rcvhwm", "0")
        for peer in [slow, quick] {
            _ = try await peer.event("handshaken")
            try peer.send("subscribe")
            try await publisher.probe("", until: peer)
        }
        try slow.send("pause")
        _ = try await slow.event("paused")
        let first = NumberedMessage(topic: "", sequence: 0, byteCount: 1_000)
        for start in stride(from: UInt64(0), to: 20_000, by: 1_000) {
            try await publisher.send(start..<start + 1_000, like: first)
            try quick.send("expect \(start + 1_000)")
            let received = try await quick.event("received")
            #expect(received.isComplete(count: Int(start) + 1_000), "\(received)")
        }
        let dropped = await publisher.droppedMessageCount()
        #expect(dropped > 0)
        try slow.send("resume\nexpect \(20_000 - dropped)")
        let received = try await slow.event("received")
        #expect(received.count == 20_000 - dropped)
        #expect(received.inOrder == true && received.damaged == 0)
        try await Self.close(publisher)
        await slow.close()
        await quick.close()
    }
}
