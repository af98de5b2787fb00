import SocketTestSupport
import Testing
import ZeroMQ

/// RADIO and DISH at `udp://` endpoints, with libzmq's framing: an octet with the group's length, the group, the body.
@Suite(.sockets, .timeLimit(.minutes(1))) struct RadioDishDatagramTests {
    @Test func `a dish gets what it has joined, and no more`() async throws {
        try await withSocket(Dish()) { dish in
            let endpoint = try await dish.bind("udp://127.0.0.1:*")
            try await dish.join("news")
            try await withSocket(Radio()) { radio in
                try await radio.connect(endpoint)
                // A second time changes nothing: each message goes once.
                try await radio.connect(endpoint)
                for group in ["new", "news", "news.local", "other"] as [Frame] {
                    try radio.send("to \(group.text)", to: group)
                }
                try radio.send("", to: "news")
                #expect(
                    try await dish.receiveInTime()
                        == GroupMessage(group: "news", message: "to news")
                )
                #expect(try await dish.receiveInTime() == GroupMessage(group: "news", message: ""))
                try await dish.leave("news")
                try radio.send("late", to: "news")
                try await dish.join("end")
                try radio.send("end", to: "end")
                #expect(try await dish.receiveInTime().group == "end")
                #expect(await radio.unmatchedMessageCount() == 0)
                #expect(await radio.drops().isEmpty)
                #expect(await dish.drops().isEmpty)
            }
        }
    }

    @Test func `a group of the network reaches all dishes that listen`() async throws {
        let endpoint = "udp://127.0.0.1;239.192.77.9:47779"
        let dishes = [Dish(), Dish()]
        for dish in dishes {
            #expect(try await dish.bind(endpoint).description == endpoint)
            try await dish.join("g")
        }
        try await withSocket(Radio()) { radio in
            try await radio.connect(endpoint)
            try radio.send("to all", to: "g")
            for dish in dishes {
                #expect(try await dish.receiveInTime().message[0].text == "to all")
                await dish.close()
            }
        }
    }

    @Test func `the octets of a radio`() async throws {
        let listener = try RawDatagramSocket()
        try await withSocket(Radio()) { radio in
            try await radio.connect("udp://127.0.0.1:\(listener.port)")
            try radio.send("hello", to: "ab")
            try radio.send("", to: "")
            #expect(try listener.receive().octets == [2, 97, 98] + Array("hello".utf8))
            #expect(try listener.receive().octets == [0])
        }
    }

    @Test func `what is no message is dropped and counted`() async throws {
        let options = SocketOptions {
            $0.datagrams.datagramByteCountMax = 100
            $0.messageByteCountMax = 50
        }
        try await withSocket(Dish(options: options)) { dish in
            let port = try #require(try await dish.bind("udp://127.0.0.1:*").port)
            try await dish.join("g")
            let radio = try RawDatagramSocket()
            // Empty, a group that is cut short, one with a zero octet; too long; too long a body.
            for octets: [UInt8] in [
                [], [3, 103], [2, 103, 0, 66], [1, 103] + [UInt8](repeating: 7, count: 99),
                [1, 103] + [UInt8](repeating: 7, count: 51), [1, 103, 66],
            ] {
                radio.send(octets, to: port)
            }
            #expect(
                try await dish.receiveInTime() == GroupMessage(group: "g", message: "B")
            )
            let drops = await dish.drops()
            #expect(drops[.malformed] == 3)
            #expect(drops[.tooLarge] == 2)
        }
    }

    @Test func `what does not fit a datagram is refused before anybody gets it`() async throws {
        try await withSocket(Dish()) { dish in
            let endpoint = try await dish.bind("udp://127.0.0.1:*")
            try await dish.join("g")
            try await withSocket(Radio()) { radio in
                // Without a udp endpoint, length is no matter.
                try radio.send(Message([UInt8](repeating: 7, count: 9_000)), to: "g")
                try await radio.connect(endpoint)
                let longest = Message([UInt8](repeating: 7, count: 8_190))
                let tooLong = Message([UInt8](repeating: 7, count: 8_191))
                try radio.send(longest, to: "g")
                #expect(try await dish.receiveInTime().message == longest)
                let sent = #expect(throws: ZeroMQError.self) { try radio.send(tooLong, to: "g") }
                let tried = #expect(throws: ZeroMQError.self) {
                    try radio.trySend(tooLong, to: "g")
                }
                for error in [sent, tried] {
                    #expect(error?.code == .tooLong)
                    #expect(error?.message.contains("takes 8193 octets") == true)
                }
            }
        }
    }

    @Test func `what a dish has no room for is counted`() async throws {
        let options = SocketOptions { $0.queueLimit = QueueLimit(messageCount: 5) }
        try await withSocket(Dish(options: options)) { dish in
            let endpoint = try await dish.bind("udp://127.0.0.1:*")
            try await dish.join("g")
            try await withSocket(Radio()) { radio in
                try await radio.connect(endpoint)
                for number in 0..<100 { try radio.send("\(number)", to: "g") }
                try await eventually("drops") { await dish.drops()[.queueFull] == 95 }
                for number in 0..<5 {
                    #expect(try await dish.receiveInTime().message[0].text == "\(number)")
                }
            }
        }
    }

    /// As libzmq: a RADIO connects, a DISH binds; what is secured does not leave by udp.
    @Test func `what cannot be is refused with what to do`() async throws {
        let (radio, dish) = (Radio(), Dish())
        let secured = Radio(
            options: SocketOptions { $0.security = .plain(user: "a", password: "b") }
        )
        let udp = "udp://127.0.0.1:47780"
        func problem(_ open: () async throws -> Void) async -> String {
            do { try await open() } catch { return "\(error)" }
            return "none"
        }
        #expect(await problem { try await radio.bind(udp) }.contains("connect to udp://"))
        #expect(await problem { try await dish.connect(udp) }.contains("bind to udp://"))
        #expect(await problem { try await secured.connect(udp) }.contains("udp has none"))
        #expect(await problem { try await Publisher().bind(udp) }.contains("udp has none"))
        try await dish.bind(udp)
        #expect(await problem { try await Dish().bind(udp) }.contains("in use"))
        #expect(await problem { try await dish.unbind("udp://127.0.0.1:1") }.contains(udp))
        try await dish.unbind(udp)
        try await dish.bind(udp)
        try await radio.connect(udp)
        try await radio.disconnect(udp)
        #expect(await problem { try await radio.disconnect(udp) }.contains("not connected"))
        for socket in [radio, dish, secured] as [Socket] { await socket.close() }
        #expect(await problem { try await radio.connect(udp) }.contains("closed"))
    }
}
