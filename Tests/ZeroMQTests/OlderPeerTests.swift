import SocketTestSupport
import Testing
import Transports
import ZMTP
import ZeroMQ

/// Peers of ZMTP 1.0 and 2.0, made of raw octets, at the same port as everybody else (RFC 13, RFC 15).
@Suite(.sockets, .timeLimit(.minutes(1))) struct OlderPeerTests {
    /// What a peer of ZMTP 2.0 sends before its first message.
    private static func revision2(_ type: UInt8, routingID: [UInt8] = []) -> [UInt8] {
        [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F, 1, type, 0, UInt8(routingID.count)] + routingID
    }

    private static let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 1, 0x7F]

    @Test func `a publisher serves subscribers of every version`() async throws {
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let version1 = try await RawPeer.connect(to: endpoint)
        try await version1.send([1, 0])
        try await publisher.awaitSubscription("")
        let version2 = try await RawPeer.connect(to: endpoint)
        try await version2.send(Self.revision2(2) + [0, 2, 1] + "a".utf8)
        try await publisher.awaitSubscription("a")
        let subscriber = Subscriber()
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "b")
        try await publisher.awaitSubscription("b")
        publisher.send(["a", "1"])
        publisher.send(["b", "2"])
        #expect(try await subscriber.receiveTexts(1) == ["2"])
        // Filtering is up to it.
        let everything: [UInt8] = [2, 1, 0x61, 2, 0, 0x31, 2, 1, 0x62, 2, 0, 0x32]
        #expect(try await version1.receive(22) == Self.signature + everything)
        #expect(
            try await version2.receive(20)
                == Self.signature + [3, 1, 0, 0] + [1, 1, 0x61, 0, 1, 0x31]
        )
        // What it cancels, it cancels.
        try await version2.send([0, 2, 0] + "a".utf8)
        try await publisher.awaitCancellation("a")
        for peer in [version1, version2] { await peer.close() }
        try await publisher.awaitCancellation("")
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `a subscriber hears publishers of every version`() async throws {
        let subscriber = Subscriber(options: SocketOptions { $0.routingID = [0x61, 0x62] })
        let events = subscriber.events
        let endpoint = try await subscriber.bind("tcp://127.0.0.1:*")
        try await subscriber.subscribe(to: "t")
        let signature: [UInt8] = [0xFF, 0, 0, 0, 0, 0, 0, 0, 3, 0x7F]
        let version1 = try await RawPeer.connect(to: endpoint)
        try await version1.send([1, 0])
        // The rest of a frame with our routing id, and our subscription.
        #expect(try await version1.receive(15) == signature + [0x61, 0x62, 3, 0, 1])
        // One message that we want, and one that we do not.
        try await version1.send([3, 0, 0x75, 0x31, 3, 0, 0x74, 0x31])
        #expect(try await subscriber.receiveTexts(1) == ["t1"])
        let version2 = try await RawPeer.connect(to: endpoint)
        try await version2.send(Self.revision2(1, routingID: [7]))
        #expect(
            try await version2.receive(20)
                == signature + [3, 2, 0, 2, 0x61, 0x62] + [0, 2, 1, 0x74]
        )
        try await version2.send([0, 2, 0x74, 0x32])
        #expect(try await subscriber.receiveTexts(1) == ["t2"])
        var lines: [String] = []
        for await event in events {
            guard case .established = event else { continue }
            lines.append(event.description.split(separator: " ").dropFirst().joined(separator: " "))
            if lines.count == 2 { break }
        }
        #expect(lines == ["is taken for a PUB (ZMTP 1.0)", "is a PUB (ZMTP 2.0)"])
        for peer in [version1, version2] { await peer.close() }
        try await subscriber.closeInTime()
    }

    @Test func `a large message reaches a peer of version 1_0 whole`() async throws {
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send([1, 0])
        try await publisher.awaitSubscription("")
        let body = [UInt8](repeating: 0x2A, count: 1 << 20)
        publisher.send(Message([Frame(body)]))
        #expect(try await peer.receive(10) == Self.signature)
        #expect(try await peer.receive(10) == [0xFF, 0, 0, 0, 0, 0, 0x10, 0, 1, 0])
        #expect(try await peer.receive(body.count) == body)
        await peer.close()
        try await publisher.closeInTime()
    }

    @Test func `two publishers of version 2_0 do not talk, and are told apart`() async throws {
        let publisher = Publisher()
        let events = publisher.events
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send(Self.revision2(1))
        try await peer.closed()
        for await event in events {
            guard case .disconnected(_, let reason) = event else { continue }
            #expect(reason.description == "a PUB socket cannot talk to a PUB socket")
            break
        }
        try await publisher.closeInTime()
    }
}
