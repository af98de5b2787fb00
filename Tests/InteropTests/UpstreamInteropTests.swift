import SocketTestSupport
import Testing
import ZeroMQ

/// What an XSUB sends upstream reaches the XPUBs, through relays as through libzmq's proxies.
@Suite(.needsPeer, .sockets, .serialized, .timeLimit(.minutes(5))) struct UpstreamInteropTests {
    @Test(arguments: Middle.Kind.allCases, [1, 3])
    func `every XPUB behind gets it, in order`(kind: Middle.Kind, length: Int) async throws {
        let middle = try await Middle(kind, count: length)
        let publishers = try (0..<2).map { _ in
            try PeerProcess("xpublisher", "--connect", middle.publishersEndpoint)
        }
        let ours = XPublisher()
        try await ours.connect(middle.publishersEndpoint)
        // It reads nothing, and must not be hurt.
        let plain = try PeerProcess("publisher", "--connect", middle.publishersEndpoint)
        let subscriber = try PeerProcess(
            "xsubscriber",
            "--connect",
            middle.subscribersEndpoint,
            "--topic",
            "a"
        )
        // Until everybody is connected and every link knows of readers.
        for publisher in publishers {
            while true {
                try subscriber.send("upstream probe")
                let heard = try? await publisher.event("upstream", within: .milliseconds(100))
                if heard?.message == "probe" { break }
            }
        }
        while ours.tryReceive() != .message("probe") {
            try subscriber.send("upstream probe")
            try await Task.sleep(for: .milliseconds(20))
        }
        for number in 0..<20 { try subscriber.send("upstream hello \(number)") }
        for publisher in publishers {
            var heard: [String?] = []
            while heard.count < 20 {
                let message = try await publisher.event("upstream").message
                if message != "probe" { heard.append(message) }
            }
            #expect(heard == (0..<20).map { "hello \($0)" })
        }
        var texts: [String] = []
        while texts.count < 20 {
            let news = try await within("news") { try await ours.receive() }
            if case .message(let message) = news, message != "probe" {
                texts.append(message[0].text)
            }
        }
        #expect(texts == (0..<20).map { "hello \($0)" })
        // What goes down is as it was.
        try subscriber.send("subscribe a")
        #expect(try await publishers[0].event("subscribed").topic == "a")
        try publishers[0].send("send 3 64 a")
        try subscriber.send("expect 3")
        #expect(try await subscriber.event("received").isComplete(count: 3))
        try await within("close") { await ours.close() }
        for peer in publishers + [plain, subscriber] { await peer.close() }
        await middle.close()
    }
}
