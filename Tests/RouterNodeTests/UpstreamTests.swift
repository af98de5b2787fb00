import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// Messages of XSUBs on their way to XPUBs: up a tree and down its other branches.
@Suite(.serialized) struct UpstreamTests {
    @Test(arguments: [1, 2])
    func `an XPUB anywhere in the tree hears an XSUB anywhere in it, once`(
        threads: Int
    ) async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root") { $0.threadCount = threads }
            var seat = RelayConfiguration.Seat(tree: "t", rank: 1)
            seat.parent = .init(root, name: "root")
            let relays = [
                root, try await lab.start("left", [seat]) { $0.threadCount = threads },
                try await lab.start("right", [seat]),
            ]
            var publishers: [XPublisher] = []
            for relay in relays { publishers.append(try await lab.publisher(at: relay)) }
            for relay in relays.dropFirst() {
                try await relay.eventually("its parent") { $0.trees.allSatisfy(\.isConnected) }
            }
            try await root.eventually("its children") { $0.totals.children == 2 }
            for (number, relay) in relays.enumerated() {
                let subscriber = XSubscriber()
                try await subscriber.connect(relay.subscribersEndpoint)
                // Until every link has said that there is a reader.
                let hello: Message = ["hello \(number)", "and more"]
                for publisher in publishers {
                    try await within("hello at \(number)") {
                        while publisher.tryReceive() != .message(hello) {
                            try await subscriber.send(hello)
                            try await Task.sleep(for: .milliseconds(5))
                        }
                    }
                }
                let messages = (0..<50).map { ["count \(number)", Frame("\($0)")] as Message }
                for message in messages { try await subscriber.send(message) }
                for publisher in publishers {
                    var received: [Message] = []
                    while received.count < messages.count {
                        let news = try await within("message") { try await publisher.receive() }
                        if case .message(let message) = news, message != hello {
                            received.append(message)
                        }
                    }
                    #expect(received == messages)
                }
                await subscriber.close()
            }
        }
    }

    @Test func `with nobody to read it, it ends at the first relay and is counted`() async throws {
        try await RelayLab.run { lab in
            let relays = try await lab.startChain(count: 2)
            let plain = Publisher()
            try await plain.connect(relays[0].publishersEndpoint)
            let subscriber = XSubscriber()
            try await subscriber.connect(relays[1].subscribersEndpoint)
            try await subscriber.subscribe(to: "a")
            try await relays[0].eventually("the subscription") { $0.totals.topics == 1 }
            for _ in 0..<10 { try await subscriber.send("hello") }
            try await relays[1].eventually("ten unread") { $0.totals.unwantedMessages == 10 }
            #expect(await relays[0].status().totals.unwantedMessages == 0)
            // The publisher is none the worse for it.
            try await within("a message") {
                while subscriber.tryReceive() != "a1" {
                    plain.send("a1")
                    try await Task.sleep(for: .milliseconds(5))
                }
            }
            await subscriber.close()
            await plain.close()
        }
    }
}
