import SocketTestSupport
import Testing
import ZeroMQ

/// RFC 48: RADIO and DISH.
@Suite(.sockets, .timeLimit(.minutes(2))) struct RadioDishTests {
    @Test(arguments: Wires.allCases)
    func `who has joined a group gets its messages, and no others`(wire: Wires) async throws {
        try await withSocket(Radio()) { radio in
            try await withSocket(Dish()) { dish in
                let endpoint = try await radio.bind(wire.endpoint("radio-dish"))
                try await dish.join("news")
                try await dish.connect(endpoint)
                try await radio.awaitMembers(1, of: "news")
                try await dish.join("")
                try await radio.awaitMembers(1, of: "")
                // Exact: neither a beginning nor more of it.
                for group in ["new", "news", "news.local", "", "other"] as [Frame] {
                    try radio.send("to \(group.text)", to: group)
                }
                try radio.send("end", to: "news")
                var got: [String] = []
                repeat {
                    let message = try await dish.receiveInTime()
                    got.append("\(message.group.text)|\(message.message[0].text)")
                } while got.last != "news|end"
                #expect(got == ["news|to news", "|to ", "news|end"])
                #expect(await radio.unmatchedMessageCount() == 3)
            }
        }
    }

    @Test func `what is left comes no more, and what a lost connection had joined is joined again`()
        async throws
    {
        let options = SocketOptions { $0.reconnectInitial = .milliseconds(1) }
        try await withSocket(Dish(options: options)) { dish in
            let first = Radio()
            let endpoint = try await first.bind("tcp://127.0.0.1:*")
            try await dish.connect(endpoint)
            for group in ["a", "b"] as [Frame] { try await dish.join(group) }
            try await dish.join("a")
            try await first.awaitMembers(1, of: "b")
            try await dish.leave("a")
            try await first.awaitMembers(0, of: "a")
            let error = await #expect(throws: ZeroMQError.self) { try await dish.leave("a") }
            #expect(error?.code == .group)
            await first.close()
            try await withSocket(Radio()) { second in
                try await eventually("bind") { (try? await second.bind(endpoint)) != nil }
                try await second.awaitMembers(1, of: "b")
                #expect(await second.memberCount(of: "a") == 0)
                try second.send("again", to: "b")
                #expect(try await dish.receiveInTime().message[0].text == "again")
            }
        }
    }

    /// "Length MUST be between 0 to 255 bytes"; a message has one frame.
    @Test func `what is no group, and what is no message, is refused`() async throws {
        try await withSocket(Radio()) { radio in
            try await withSocket(Dish()) { dish in
                for group in [Frame([UInt8](repeating: 65, count: 256)), Frame([65, 0])] {
                    let sent = #expect(throws: ZeroMQError.self) {
                        try radio.send("x", to: group)
                    }
                    let joined = await #expect(throws: ZeroMQError.self) {
                        try await dish.join(group)
                    }
                    #expect(sent?.code == .group)
                    #expect(joined?.code == .group)
                }
                let error = #expect(throws: ZeroMQError.self) {
                    try radio.send(["one", "two"], to: "g")
                }
                #expect(error?.code == .multipart)
                let outcomes = [
                    try radio.trySend(["one", "two"], to: "g"), try radio.trySend("one", to: "g"),
                ]
                #expect(outcomes == [.multipart, .queued])
            }
        }
    }

    /// RFC 37 "The Radio-Dish Pattern": JOIN and LEAVE, `group-part = %x01 short-size group`, `body-part = message-last`.
    @Test func `on the wire a dish joins by command and a radio sends two frames`() async throws {
        try await withSocket(Radio()) { radio in
            let dish = try await RawPeer.connect(to: radio.bind("tcp://127.0.0.1:*"))
            try await dish.send(
                Octets.greeting() + Octets.ready("DISH") + Octets.command("JOIN", [103])
                    + Octets.command("JOIN", [104]) + Octets.command("LEAVE", [104])
                    + Octets.frame("dishes send nothing")
            )
            try await eventually("what is dropped") { await radio.drops()[.malformed] == 1 }
            #expect(await radio.memberCount(of: "g") == 1)
            #expect(await radio.memberCount(of: "h") == 0)
            try radio.send("body", to: "g")
            let octets = try await dish.receive(Octets.openingByteCount("RADIO") + 9)
            #expect(octets.suffix(9) == [1, 1, 103, 0, 4] + Array("body".utf8))
            // 256 octets are no group.
            try await dish.send(
                [6, 0, 0, 0, 0, 0, 0, 1, 5, 4] + Array("JOIN".utf8)
                    + [UInt8](repeating: 65, count: 256)
            )
            try await dish.closed()
            try await radio.awaitPeers(0)
        }
    }

    /// "MUST discard any multipart messages": only a group and a body are a message.
    @Test func `what a radio should not send is dropped and counted`() async throws {
        try await withSocket(Dish()) { dish in
            try await dish.join("g")
            let radio = try await RawPeer.connect(to: dish.bind("tcp://127.0.0.1:*"))
            try await radio.send(
                Octets.greeting() + Octets.ready("RADIO")
                    + Octets.frame("g", hasMore: true) + Octets.frame("first")
                    + Octets.frame("g")
                    + Octets.frame("g", hasMore: true) + Octets.frame("a", hasMore: true)
                    + Octets.frame("b")
                    + Octets.frame("other", hasMore: true) + Octets.frame("not asked for")
                    + Octets.frame("g", hasMore: true) + Octets.frame("last")
            )
            #expect(try await dish.receiveInTime().message[0].text == "first")
            #expect(try await dish.receiveInTime().message[0].text == "last")
            #expect(await dish.drops()[.malformed] == 2)
            let opening = Octets.openingByteCount("DISH")
            let octets = try await radio.receive(opening + 8)
            #expect(octets.suffix(8) == Octets.command("JOIN", [103])[...])
            await radio.close()
        }
    }

    /// "SHALL silently drop the message if the queue for a dish is full", or whatever the policy says; each drop is counted.
    @Test(arguments: [OverflowPolicy.dropNewest, .block])
    func `a dish that does not keep up misses messages, or is waited for`(
        policy: OverflowPolicy
    )
        async throws
    {
        let options = SocketOptions {
            $0.queueLimit = QueueLimit(messageCount: 20)
            $0.overflow = policy
        }
        try await withSocket(Radio(options: options)) { radio in
            let dish = Dish(options: SocketOptions { $0.queueLimit = QueueLimit(messageCount: 5) })
            try await dish.join("g")
            try await dish.connect(radio.bind("tcp://127.0.0.1:*"))
            try await radio.awaitMembers(1, of: "g")
            let padding = String(repeating: "x", count: 100_000)
            let sending = Task {
                for number in 0..<400 {
                    try await radio.sendWaiting("\(number) \(padding)", to: "g")
                    if policy != .block { await Task.yield() }
                }
            }
            if policy == .block {
                for number in 0..<400 {
                    let text = try await dish.receiveInTime().message[0].text
                    #expect(text.hasPrefix("\(number) "))
                }
                try await sending.value
                #expect(await radio.drops().isEmpty)
            } else {
                try await sending.value
                try await eventually("drops") { await radio.drops()[.queueFull] > 0 }
            }
            await dish.close()
        }
    }
}

extension Radio {
    func awaitMembers(_ count: Int, of group: Frame) async throws {
        try await eventually("\(count) members") { await self.memberCount(of: group) == count }
    }
}

extension Dish {
    func receiveInTime() async throws -> GroupMessage {
        try await within("message") { try await self.receive() }
    }
}
