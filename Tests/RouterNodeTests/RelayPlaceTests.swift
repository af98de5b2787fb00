import RouterNode
import SocketTestSupport
import Testing
import Transports
import Vocabulary
import ZeroMQ

/// Where relays listen, what they tell, and whom they dial.
@Suite(.serialized) struct RelayPlaceTests {
    @Test func `a relay binds everywhere and tells the address of its NAT`() async throws {
        try await RelayLab.run { lab in
            // 127.0.0.2 stands for the outside: only who binds everywhere is found there.
            let root = try await lab.start("root") { configuration in
                configuration.publishers = .init("tcp://127.0.0.2:*")
                configuration.subscribers = .init(listening: [
                    .init(bind: "tcp://127.0.0.1:*", advertise: "tcp://127.0.0.1:*"),
                    .init(bind: "tcp://*:*", advertise: "tcp://127.0.0.2:*"),
                ])
                configuration.bind(at: "*")
            }
            let status = await root.status()
            #expect(root.publishersEndpoint.hasPrefix("tcp://127.0.0.2:"))
            #expect(root.subscribersEndpoint.hasPrefix("tcp://127.0.0.1:"))
            #expect(status.endpoints.publishers == root.publishersEndpoint)
            #expect(status.endpoints.listening.map(\.side).count == 3)
            for place in status.endpoints.listening {
                #expect(place.bind.hasPrefix("tcp://0.0.0.0:"))
                #expect(place.advertise.hasPrefix("tcp://127.0.0."))
                #expect(
                    place.bind.split(separator: ":").last
                        == place.advertise.split(separator: ":").last
                )
            }
            let child = try await lab.start(
                "child",
                [
                    .init(
                        tree: "t",
                        rank: 1,
                        parent: .init(
                            name: "root",
                            publishersEndpoint: root.publishersEndpoint,
                            subscribersEndpoint: status.endpoints.listening[2].advertise
                        )
                    )
                ]
            )
            let publisher = try await lab.publisher(at: root)
            let subscriber = try await lab.subscriber(at: child, topics: ["a"])
            try await lab.settle([subscriber], to: [publisher])
            try await publisher.sendNumbered(["a"], as: "p", count: 10)
            #expect(try await subscriber.receiveNumbered(from: ["p"])["p"] == Array(0..<10))
        }
    }

    @Test func `a relay does not dial itself`() async throws {
        try await RelayLab.run { lab in
            let place = RelayLab.freeAddress()
            let port = place.split(separator: ":").last ?? ""
            for dialled in [place, "tcp://localhost:\(port)", "tcp://*:\(port)"] {
                await #expect(throws: EndpointError.self) {
                    try await lab.start("lone", at: (RelayLab.anyPort, place)) {
                        $0.publishers.dialled = [dialled]
                    }
                }
            }
        }
    }

    @Test func `a bound publisher of one tree feeds that tree alone`() async throws {
        try await RelayLab.run { lab in
            let publisher = XPublisher()
            let place = try await publisher.bind("tcp://127.0.0.1:*").description
            let sink = Subscriber()
            let sinkPlace = try await sink.bind("tcp://127.0.0.1:*").description
            try await sink.subscribe(to: "")
            let relay = try await lab.start(
                "relay",
                [.init(tree: "md", topics: ["md."]), .init(tree: "news", topics: ["news."])]
            ) {
                $0.seats[0].dialledPublishers = [place]
                $0.seats[1].dialledSubscribers = [sinkPlace]
            }
            let subscriber = try await lab.subscriber(at: relay, topics: ["md.", "news."])
            try await relay.eventually("both dialled") { $0.dialled.allSatisfy(\.isConnected) }
            let inside = try await lab.publisher(at: relay)
            try await publisher.awaitInterest(in: ["md."])
            try await inside.awaitInterest(in: ["news.", "md."])
            // It was not asked for, so a publisher that filters does not send it.
            publisher.send(["news.1", "from outside"])
            publisher.send(["md.1", "from outside"])
            #expect(try await subscriber.receive().frames.map(\.text) == ["md.1", "from outside"])
            inside.send(["md.2", "inside"])
            inside.send(["news.2", "inside"])
            #expect(try await sink.receive().frames.map(\.text) == ["news.2", "inside"])
            let status = await relay.status()
            #expect(status.dialled.map(\.tree) == ["md", "news"])
            #expect(status.dialled.map(\.side) == ["publishers", "subscribers"])
            #expect(status.peers.filter { $0.tree == "md" }.map(\.role) == ["publisher"])
            #expect(status.peers.filter { $0.tree == "news" }.map(\.role) == ["subscriber"])
            await publisher.close()
            await sink.close()
        }
    }
}
