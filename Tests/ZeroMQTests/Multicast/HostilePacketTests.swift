import Vocabulary
import PGM
import Simulation
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// Packets that end libzmq, that are damaged, that are forged: counted and survived.
@Suite(.sockets, .timeLimit(.minutes(5))) struct HostilePacketTests {
    private static let session = TransportSessionID(globalSourceID: 0xBAD, sourcePort: 6)
    private static let home = NetworkAddress(v4: 0x7F00_0001)

    private func data(
        _ number: UInt32,
        _ payload: [UInt8],
        port: UInt16,
        trail: UInt32 = 0,
        session: TransportSessionID = Self.session
    ) -> Packet {
        Packet(
            .odata,
            of: session,
            dataPort: port,
            body: .data(
                DataFields(sequence: SequenceNumber(number), trail: SequenceNumber(trail))
            ),
            payload: payload
        )
    }

    private func spm(_ number: UInt32, lead: UInt32, trail: UInt32, port: UInt16) -> Packet {
        Packet(
            .spm,
            of: Self.session,
            dataPort: port,
            body: .spm(
                SPMFields(
                    sequence: SequenceNumber(number),
                    trail: SequenceNumber(trail),
                    lead: SequenceNumber(lead),
                    path: Self.home
                )
            )
        )
    }

    /// A subscriber and a publisher of one group, and somebody who sends what he likes.
    private struct Scene {
        var group: String
        var port: UInt16
        var subscriber: Subscriber
        var publisher: Publisher
        var attacker: RawGroupSender

        init(group: String, port: UInt16) async throws {
            self.group = group
            self.port = port
            subscriber = Subscriber()
            publisher = Publisher()
            attacker = try RawGroupSender(port: port)
            try await subscriber.subscribe(to: "")
            try await subscriber.connect("epgm://lo;\(group):\(port)")
            try await publisher.bind("epgm://lo;\(group):\(port)")
        }

        /// Whether the publisher still reaches the subscriber.
        func expectTraffic(_ text: String) async throws {
            for number in 0..<100 { publisher.send(Message("\(text) \(number)")) }
            try await within("traffic after \(text)") { [subscriber] in
                var next = 0
                while next < 100 {
                    if try await subscriber.receive()[0].text == "\(text) \(next)" { next += 1 }
                }
            }
        }

        func close() async throws {
            try await subscriber.closeInTime()
            try await publisher.closeInTime()
        }
    }

    @Test func `what ends libzmq only counts here`() async throws {
        let scene = try await Scene(group: "239.192.88.1", port: 18_001)
        let events = scene.subscriber.events
        try await scene.expectTraffic("before")
        let payloads: [[UInt8]] = [
            [], [0], [0x7F, 0xFF, 1, 2], [0, 0, 0], [0, 0, 0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 1, 0],
            [0, 9, 1, 0], [0, 0, 0xFF] + [UInt8](repeating: 0xFF, count: 8) + [0],
        ]
        for (number, payload) in payloads.enumerated() {
            let packet = data(UInt32(number), payload, port: scene.port)
            try scene.attacker.send(packet, to: scene.group)
        }
        try scene.attacker.send([], to: scene.group)
        try scene.attacker.send([], to: "127.0.0.1")
        _ = try await events.next("malformed loss") {
            if case .multicast(_, .loss(let loss)) = $0, case .malformed = loss.cause {
                true
            } else {
                false
            }
        }
        try await scene.expectTraffic("after")
        try await scene.close()
    }

    @Test(arguments: 0..<4)
    func `damaged packets are refused`(_ seed: UInt64) async throws {
        let scene = try await Scene(group: "239.192.88.2", port: 18_010 + UInt16(seed))
        let events = scene.subscriber.events
        var random = SeededGenerator(seed: seed)
        let good = [
            data(0, [0, 0, 6, 0] + Array("hello".utf8), port: scene.port).encoded(),
            spm(0, lead: 5, trail: 0, port: scene.port).encoded(),
        ]
        for round in 0..<500 {
            var bytes = good[round % 2]
            switch random.next() % 3 {
            case 0:
                bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 << (random.next() % 8))
            case 1: bytes.removeLast(Int(random.next() % UInt64(bytes.count)))
            default:
                bytes = (0..<Int(random.next() % 1_400)).map { _ in
                    UInt8(truncatingIfNeeded: random.next())
                }
            }
            try scene.attacker.send(bytes, to: round % 3 == 0 ? "127.0.0.1" : scene.group)
        }
        _ = try await events.next("refusal") {
            if case .multicast(_, .refused) = $0 { true } else { false }
        }
        try await scene.expectTraffic("seed \(seed)")
        try await scene.close()
    }

    @Test func `forged SPMs and NAKs disturb nobody else`() async throws {
        let scene = try await Scene(group: "239.192.88.3", port: 18_003)
        try await scene.expectTraffic("before")
        for number in 0..<200 as Range<UInt32> {
            let packets = [
                spm(number, lead: 0x7FFF_FFF0 &+ number, trail: 0, port: scene.port),
                spm(number, lead: 5, trail: 0xF000_0000, port: scene.port),
                data(0x8000_0000, [0, 0, 2, 0, 65], port: scene.port, trail: 0x10),
            ]
            for packet in packets { try scene.attacker.send(packet, to: scene.group) }
            let nak = Packet(
                .nak,
                of: TransportSessionID(globalSourceID: UInt64(number), sourcePort: 9),
                dataPort: scene.port,
                body: .nak(
                    NAKFields(
                        sequence: SequenceNumber(number),
                        source: Self.home,
                        group: NetworkAddress(v4: 0xEFC0_5803)
                    )
                ),
                options: [PacketOption(.nakList((0..<62).map { SequenceNumber($0) }))]
            )
            try scene.attacker.send(nak, to: "127.0.0.1")
            try scene.attacker.send(nak, to: scene.group)
        }
        try await scene.expectTraffic("after")
        try await scene.close()
    }

    @Test func `a flood of strange sources is bounded`() async throws {
        let scene = try await Scene(group: "239.192.88.4", port: 18_004)
        try await scene.expectTraffic("before")
        for number in 0..<3_000 as Range<UInt64> {
            let stranger = TransportSessionID(globalSourceID: number + 1, sourcePort: 77)
            let packet = data(
                1,
                [0, 0, 2, 0, 65],
                port: scene.port,
                session: stranger
            )
            try scene.attacker.send(packet, to: scene.group)
        }
        try await scene.expectTraffic("after")
        try await scene.close()
    }
}
