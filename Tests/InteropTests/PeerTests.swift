import SocketTestSupport
import Testing

/// The harness proven on itself: a libzmq publisher to a libzmq subscriber.
@Suite(.needsPeer, .sockets, .timeLimit(.minutes(5))) struct PeerTests {
    enum Transport: String, CaseIterable {
        case tcp = "tcp://127.0.0.1:*"
        case ipc = "ipc://*"
    }

    @Test(arguments: ["publisher", "xpublisher"], ["subscriber", "xsubscriber"])
    func `every message arrives in order`(publisher: String, subscriber: String) async throws {
        for transport in Transport.allCases {
            let sender = try PeerProcess(publisher, "--bind", transport.rawValue, "--no-drop")
            let receiver = try PeerProcess(
                subscriber,
                "--connect",
                try await sender.endpoint(),
                "--topic",
                "weather.",
                "--subscribe",
                "weather."
            )
            try sender.send("probe weather.")
            _ = try await receiver.event("probed")
            try sender.send("probe-stop\nsend 5000 64 weather.")
            try receiver.send("expect 5000")
            let sent = try await sender.event("sent")
            let received = try await receiver.event("received")
            #expect(received.isComplete(count: 5000))
            #expect(received.sha256 == sent.sha256)
            await sender.close()
            await receiver.close()
        }
    }

    @Test func `a binding subscriber takes multipart and large messages`() async throws {
        let receiver = try PeerProcess(
            "subscriber",
            "--bind",
            "tcp://127.0.0.1:*",
            "--topic",
            "big."
        )
        try receiver.send("subscribe big.")
        let sender = try PeerProcess("xpublisher", "--connect", try await receiver.endpoint())
        #expect(try await sender.event("subscribed").topic == "big.")
        try sender.send("send 2 8388608 big.\nsend 3 1000 big. 4")
        try receiver.send("expect 5")
        let received = try await receiver.event("received")
        #expect(received.isComplete(count: 5))
        #expect(received.bytes == 2 * 8_388_608 + 3 * (12 + 3 * 1000))
        await sender.close()
        await receiver.close()
    }

    @Test func `20,000 subscriptions come and go`() async throws {
        let sender = try PeerProcess(
            "xpublisher",
            "--bind",
            "tcp://127.0.0.1:*",
            "--quiet-subscriptions",
            "--rcvhwm",
            "0"
        )
        let receiver = try PeerProcess(
            "subscriber",
            "--connect",
            try await sender.endpoint(),
            "--sndhwm",
            "0",
            "--topic",
            "many.019999."
        )
        _ = try await receiver.event("handshaken")
        try receiver.send("subscribe-many 20000")
        try sender.send("expect-subscriptions 20000")
        _ = try await sender.event("subscriptions")
        try sender.send("send 10 64 many.019999.")
        try receiver.send("expect 10")
        #expect(try await receiver.event("received").isComplete(count: 10))
        try receiver.send("unsubscribe-many 20000")
        try sender.send("expect-subscriptions 0")
        _ = try await sender.event("subscriptions")
        await sender.close()
        await receiver.close()
    }

    @Test func `a slow subscriber loses messages and says which`() async throws {
        let sender = try PeerProcess(
            "xpublisher",
            "--bind",
            "tcp://127.0.0.1:*",
            "--sndhwm",
            "10",
            "--sndbuf",
            "4096"
        )
        let receiver = try PeerProcess(
            "subscriber",
            "--connect",
            try await sender.endpoint(),
            "--subscribe",
            "",
            "--rcvhwm",
            "10",
            "--rcvbuf",
            "4096"
        )
        _ = try await sender.event("subscribed")
        try receiver.send("pause")
        _ = try await receiver.event("paused")
        try sender.send("send 20000 1000")
        _ = try await sender.event("sent")
        try receiver.send("resume\nexpect 1")
        var report = try await receiver.event("received")
        #expect(report.first == 0)
        // What was sent while nothing was read is gone; a message after it shows the gap.
        while (report.last ?? 0) < 20_000 {
            try sender.send("send 1 1000")
            _ = try await sender.event("sent")
            try receiver.send("report")
            report = try await receiver.event("received")
        }
        #expect((report.missing ?? 0) > 0)
        #expect((report.missing ?? 0) + (report.count ?? 0) == Int(report.last ?? 0) + 1)
        #expect(report.inOrder == true)
        await sender.close()
        await receiver.close()
    }

    @Test func `a dead peer is an error, not a hang`() async throws {
        let peer = try PeerProcess("publisher", "--bind", "tcp://127.0.0.1:*")
        _ = try await peer.event("ready")
        peer.kill()
        await #expect(throws: PeerError.self) { _ = try await peer.event("sent") }
        let silent = try PeerProcess("publisher", "--bind", "tcp://127.0.0.1:*")
        await #expect(throws: PeerError.self) {
            _ = try await silent.event("sent", within: .milliseconds(50))
        }
        await silent.close()
        #expect(!silent.isRunning)
        let wrong = try PeerProcess("publisher", "--bind", "nonsense://")
        await #expect(throws: PeerError.self) { _ = try await wrong.event("ready") }
    }
}
