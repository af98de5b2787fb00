import SocketTestSupport
import Testing
import ZeroMQ

/// Names and topics at the edges of their length fields.
@Suite(.sockets, .timeLimit(.minutes(2))) struct SizeEdgeTests {
    private static func octets(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x61, count: count) }

    /// A frame or command with a body of any size, in the short form where that can be.
    private static func frame(_ body: [UInt8], flags: UInt8 = 0) -> [UInt8] {
        guard body.count > 255 else { return [flags, UInt8(body.count)] + body }
        let length = (0..<8).map { UInt8(truncatingIfNeeded: body.count >> (56 - 8 * $0)) }
        return [flags | 2] + length + body
    }

    private static func property(_ name: String, _ value: [UInt8]) -> [UInt8] {
        let length = (0..<4).map { UInt8(truncatingIfNeeded: value.count >> (24 - 8 * $0)) }
        return [UInt8(name.utf8.count)] + Array(name.utf8) + length + value
    }

    private static func ready(_ type: String, identity: [UInt8]) -> [UInt8] {
        frame(
            [5] + Array("READY".utf8) + property("Socket-Type", Array(type.utf8))
                + property("Identity", identity),
            flags: 4
        )
    }

    @Test(arguments: [0, 1, 254, 255])
    func `a routing id of up to 255 octets names its peer`(count: Int) async throws {
        let router = Router()
        let endpoint = try await router.bind("tcp://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        try await peer.send(
            Octets.greeting() + Self.ready("DEALER", identity: Self.octets(count))
                + Octets.frame("hello")
        )
        let message = try await within("message") { try await router.receive() }
        #expect(message[1] == "hello")
        // Without one, the peer has a name that it cannot have given itself.
        let name = message[0].bytes
        #expect(count == 0 ? name.count == 5 && name[0] == 0 : name == Self.octets(count))
        try await router.send([message[0], "welcome"])
        _ = try await peer.receive(Octets.openingByteCount("ROUTER"))
        #expect(try await peer.receive(9) == Octets.frame("welcome"))
        await peer.close()
        try await router.closeInTime()
    }

    @Test(arguments: [
        [UInt8](repeating: 0x61, count: 256), [UInt8](repeating: 0x61, count: 70_000), [0, 1, 2],
    ])
    func `a longer one, or one that could be ours, is refused`(identity: [UInt8]) async throws {
        let router = Router()
        let events = router.events
        let peer = try await RawPeer.connect(to: try await router.bind("tcp://127.0.0.1:*"))
        try? await peer.send(Octets.greeting() + Self.ready("DEALER", identity: identity))
        let reason = try await events.nextDisconnect()
        #expect(!reason.description.isEmpty && reason != .peerClosed, "\(reason)")
        try await peer.closed()
        #expect(await router.peerCount() == 0)
        try await router.closeInTime()
    }

    @Test(arguments: [0, 1, 255, 256, 70_000], [true, false])
    func `a topic of any length is subscribed to, as a command or a message`(
        count: Int,
        isCommand: Bool
    ) async throws {
        let topic = Self.octets(count)
        let publisher = XPublisher()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*")
        let peer = try await RawPeer.connect(to: endpoint)
        let subscribe =
            isCommand
            ? Self.frame([9] + Array("SUBSCRIBE".utf8) + topic, flags: 4) : Self.frame([1] + topic)
        try await peer.send(
            Octets.greeting(minor: isCommand ? 1 : 0) + Octets.ready("SUB") + subscribe
        )
        try await publisher.awaitNews(.subscribed(topic: topic))
        if count > 0 { publisher.send(Message(Self.octets(count - 1))) }
        publisher.send(Message(topic))
        _ = try await peer.receive(Octets.openingByteCount("XPUB"))
        // What is shorter than the topic does not begin with it.
        let frame = Self.frame(topic)
        #expect(try await peer.receive(frame.count) == frame)
        await peer.close()
        try await publisher.awaitNews(.cancelled(topic: topic))
        try await publisher.closeInTime()
    }
}
