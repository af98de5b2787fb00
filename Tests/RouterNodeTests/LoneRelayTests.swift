import Patterns
import RouterNode
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// A relay without a plan: what people use a proxy for.
@Suite(.serialized) struct LoneRelayTests {
    @Test(arguments: [1, 2])
    func `every publisher's messages reach every subscriber in order`(threads: Int) async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone") { $0.threadCount = threads }
            let names = ["one", "two", "three"]
            var publishers: [XPublisher] = []
            for _ in names { publishers.append(try await lab.publisher(at: relay)) }
            var subscribers: [Subscriber] = []
            for _ in 0..<7 {
                subscribers.append(try await lab.subscriber(at: relay, topics: ["a."]))
            }
            try await lab.settle(subscribers, to: publishers)
            for (publisher, name) in zip(publishers, names) {
                try await publisher.sendNumbered(["a.x"], as: name, count: 500)
            }
            for subscriber in subscribers {
                let received = try await subscriber.receiveNumbered(from: names)
                for name in names { #expect(received[name] == Array(0..<500)) }
            }
            try await relay.eventually("empty queues") { $0.totals.queuedMessages == 0 }
            let totals = await relay.status().totals
            #expect(totals.receivedMessages == 3 * 501)
            #expect(totals.sentMessages == 7 * 3 * 501)
            #expect(totals.droppedMessages == 0)
            #expect(totals.unwantedMessages == 0)
            #expect(totals.publishers == 3)
            #expect(totals.subscribers == 7)
        }
    }

    @Test func `a subscriber gets its topics only, and none after cancelling`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone")
            let publisher = try await lab.publisher(at: relay)
            let odd = try await lab.subscriber(at: relay, topics: ["odd", "end"])
            let all = try await lab.subscriber(at: relay, topics: ["odd", "even", "end"])
            try await lab.settle([odd, all], to: [publisher])
            try await publisher.sendNumbered(["even", "odd"], as: "p", count: 100)
            #expect(try await odd.receiveNumbered(from: ["p"])["p"] == (0..<50).map { $0 * 2 + 1 })
            #expect(
                try await all.receiveNumbered(from: ["p"], topicCount: 2)["p"] == Array(0..<100)
            )
            try await all.unsubscribe(from: "odd")
            try await lab.settle([all], to: [publisher])
            try await publisher.sendNumbered(["odd", "even"], as: "p", count: 10)
            #expect(try await all.receiveNumbered(from: ["p"])["p"] == [1, 3, 5, 7, 9])
        }
    }

    @Test func `messages of many parts and of many octets arrive as they were sent`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone")
            let publisher = try await lab.publisher(at: relay)
            let subscriber = try await lab.subscriber(at: relay, topics: [""])
            try await lab.settle([subscriber], to: [publisher])
            let large = [UInt8](repeating: 7, count: 3 << 20)
            let messages: [Message] = [
                Message((0..<100).map { Frame("part \($0)") }), [Frame("")],
                [Frame("large"), Frame(large), Frame("")], Message(large),
            ]
            for message in messages { try await publisher.sendWaiting(message) }
            for message in messages {
                let received = try await within("message") { try await subscriber.receive() }
                #expect(received.frames == message.frames)
            }
        }
    }

    @Test func `publishers are asked for what is wanted, once`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone")
            let early = try await lab.publisher(at: relay)
            let one = try await lab.subscriber(at: relay, topics: ["a", "b"])
            let other = try await lab.subscriber(at: relay, topics: ["b", "c"])
            try await lab.settle([one, other], to: [early])
            let late = try await lab.publisher(at: relay)
            try await late.awaitInterest(in: ["a", "b", "c"])
            await one.close()
            try await within("cancellation") {
                while true {
                    if case .cancelled(let topic) = try await late.receive() {
                        #expect(topic == Array("a".utf8))
                        return
                    }
                }
            }
        }
    }

    @Test func `an endpoint in use is named`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone")
            let taken = relay.subscribersEndpoint
            await #expect {
                _ = try await lab.start("other", at: (RelayLab.anyPort, taken))
            } throws: {
                "\($0)".contains(taken) && "\($0)".contains("in use")
            }
        }
    }

    @Test func `a stopping relay sends what waits`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone") { $0.drain = .seconds(30) }
            let publisher = try await lab.publisher(at: relay)
            let subscriber = try await lab.subscriber(at: relay, topics: [""]) {
                $0.queueLimit = .init(messageCount: 10)
            }
            try await lab.settle([subscriber], to: [publisher])
            let count = 1_500
            try await publisher.sendNumbered(["t"], as: "p", count: count, padding: 10_000)
            try await relay.eventually("all messages") { $0.totals.receivedMessages == count + 1 }
            async let stopped: Void = relay.stop()
            #expect(try await subscriber.receiveNumbered(from: ["p"])["p"] == Array(0..<count))
            await stopped
            #expect(await relay.status().peers.isEmpty)
        }
    }
}
