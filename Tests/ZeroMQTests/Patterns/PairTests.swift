import SocketTestSupport
import Testing
import ZeroMQ

/// RFC 31: PAIR.
@Suite(.sockets, .timeLimit(.minutes(2))) struct PairTests {
    @Test(arguments: Wires.allCases)
    func `two talk to each other`(wire: Wires) async throws {
        try await withSocket(Pair()) { near in
            try await withSocket(Pair()) { far in
                try await far.connect(near.bind(wire.endpoint("pair-two")))
                try await far.send("ping")
                #expect(try await near.receiveInTime()[0].text == "ping")
                try await near.send(["pong", "", "!"])
                #expect(try await far.receiveInTime().frames.map(\.text) == ["pong", "", "!"])
            }
        }
    }

    /// "SHALL NOT accept further connections if it has one."
    @Test func `a third one is refused and comes in when the second has left`() async throws {
        try await withSocket(Pair()) { near in
            let events = near.events
            let endpoint = try await near.bind("tcp://127.0.0.1:*")
            let (second, third) = (Pair(), Pair())
            try await second.connect(endpoint)
            try await near.awaitPeers(1)
            try await third.connect(endpoint)
            try await third.send("third")
            // It is told so before it could have sent that.
            let reason = try await events.nextDisconnect()
            #expect("\(reason)" == "a PAIR has one peer, and this one has it")
            try await second.send("second")
            #expect(try await near.receiveInTime()[0].text == "second")
            await second.close()
            #expect(try await near.receiveInTime()[0].text == "third")
            await third.close()
        }
    }
}
