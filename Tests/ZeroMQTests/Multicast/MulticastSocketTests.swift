import SocketTestSupport
import Synchronization
import Testing
import Transports
import ZeroMQ

/// Sockets that meet in a group on the loop-back interface.
@Suite(.sockets, .timeLimit(.minutes(5))) struct MulticastSocketTests {
    /// A group and port of its own for every test.
    static func endpoint(_ scheme: String = "epgm") -> String {
        let number = next.wrappingAdd(1, ordering: .relaxed).newValue
        return
            "\(scheme)://lo;239.192.\(number % 256).\(number / 256 + 1):\(20_000 + number % 20_000)"
    }

    private static let next = Atomic(UInt32.random(in: 0..<60_000))

    @Test(arguments: [true, false])
    func `messages of any size arrive whole and in order`(_ publisherBinds: Bool) async throws {
        let endpoint = Self.endpoint()
        let publisher = XPublisher()
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "a.")
        if publisherBinds {
            try await publisher.bind(endpoint)
            try await subscriber.connect(endpoint)
        } else {
            try await subscriber.bind(endpoint)
            try await publisher.connect(endpoint)
        }
        let sizes = [0, 1, 252, 253, 254, 255, 256, 1_400, 1_500, 70_000, 1_000_000]
        for (number, size) in sizes.enumerated() {
            publisher.send(["b.", "not asked for"])
            publisher.send([
                "a.", Frame("\(number)"), "", Frame([UInt8](repeating: 42, count: size)),
            ])
        }
        let messages = try await subscriber.receive(sizes.count)
        #expect(messages.map { $0[1].text } == sizes.indices.map(String.init))
        #expect(messages.map { $0[3].count } == sizes)
        #expect(messages.allSatisfy { $0.count == 4 && $0[2].count == 0 })
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `one publisher serves TCP and a group`() async throws {
        let endpoint = Self.endpoint()
        let publisher = XPublisher()
        let distant = Subscriber()
        let near = XSubscriber()
        let tcp = try await publisher.bind("tcp://127.0.0.1:*").description
        try await publisher.bind(endpoint)
        try await distant.subscribe(to: "")
        try await distant.connect(tcp)
        try await near.connect(endpoint)
        try await publisher.awaitSubscription("")
        for number in 0..<1_000 { publisher.send(Message("\(number)")) }
        let expected = (0..<1_000).map(String.init)
        #expect(try await distant.receiveTexts(1_000) == expected)
        #expect(try await near.receiveTexts(1_000) == expected)
        for socket in [distant, near, publisher] as [Socket] { try await socket.closeInTime() }
    }

    @Test func `several publishers and subscribers share a host and a group`() async throws {
        let endpoint = Self.endpoint()
        let subscribers = [Subscriber(), Subscriber()]
        for subscriber in subscribers {
            try await subscriber.subscribe(to: "")
            try await subscriber.connect(endpoint)
        }
        let publishers = [Publisher(), Publisher(), Publisher()]
        for publisher in publishers { try await publisher.connect(endpoint) }
        for number in 0..<300 {
            for (index, publisher) in publishers.enumerated() {
                publisher.send([Frame("\(index)"), Frame("\(number)")])
            }
        }
        for subscriber in subscribers {
            let messages = try await subscriber.receive(900)
            for index in publishers.indices {
                let own = messages.filter { $0[0].text == "\(index)" }.map { $0[1].text }
                #expect(own == (0..<300).map(String.init))
            }
        }
        for socket in subscribers + publishers as [Socket] { try await socket.closeInTime() }
    }

    @Test func `only joined groups are delivered`() async throws {
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "")
        try await subscriber.connect("epgm://lo;239.192.77.1,239.192.77.2:19901")
        let stranger = Subscriber()
        try await stranger.subscribe(to: "")
        try await stranger.connect("epgm://lo;239.192.77.3:19901")
        var publishers: [Publisher] = []
        for group in 1...3 {
            let publisher = Publisher()
            try await publisher.connect("epgm://lo;239.192.77.\(group):19901")
            publisher.send(Message("to \(group)"))
            publishers.append(publisher)
        }
        #expect(Set(try await subscriber.receiveTexts(2)) == ["to 1", "to 2"])
        #expect(try await stranger.receiveTexts(1) == ["to 3"])
        #expect(subscriber.tryReceive() == nil && stranger.tryReceive() == nil)
        for socket in publishers + [subscriber, stranger] as [Socket] {
            try await socket.closeInTime()
        }
    }

    @Test(arguments: [
        ("pub", "epgm://nothere0;239.1.1.1:5555"), ("sub", "epgm://lo;10.1.1.1:5555"),
    ])
    func `a wrong endpoint is an error and not the end`(_ kind: String, _ text: String) async throws
    {
        let socket: Socket = kind == "pub" ? Publisher() : Subscriber()
        await #expect(throws: ZeroMQError.self) { try await socket.bind(text) }
        await #expect(throws: ZeroMQError.self) { try await socket.connect(text) }
        try await socket.closeInTime()
    }

    @Test func `an endpoint can be left`() async throws {
        let endpoint = Self.endpoint()
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(endpoint)
        let publisher = Publisher()
        try await publisher.bind(endpoint)
        publisher.send("first")
        #expect(try await subscriber.receiveTexts(1) == ["first"])
        try await subscriber.disconnect(endpoint)
        await #expect(throws: ZeroMQError.self) { try await subscriber.disconnect(endpoint) }
        publisher.send("second")
        try await publisher.unbind(endpoint)
        await #expect(throws: ZeroMQError.self) { try await publisher.unbind(endpoint) }
        #expect(subscriber.tryReceive() == nil)
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }
}
