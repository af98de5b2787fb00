import PGM
import SocketTestSupport
import Testing
import Vocabulary
import Transports
import ZeroMQ

/// A subscriber whose application does not take what arrives.
@Suite(.sockets, .timeLimit(.minutes(5))) struct MulticastPauseTests {
    private static let expiry = Duration.milliseconds(2_500)

    /// A source that says once that it exists; 2.5 seconds later everybody who reads has forgotten it.
    private static func stranger(port: UInt16) -> Packet {
        Packet(
            .spm,
            of: TransportSessionID(globalSourceID: 0xBAD, sourcePort: 6),
            dataPort: port,
            body: .spm(
                SPMFields(
                    sequence: SequenceNumber(0),
                    trail: SequenceNumber(0),
                    lead: SequenceNumber(5),
                    path: NetworkAddress(v4: 0x7F00_0001)
                )
            )
        )
    }

    @Test func `who does not read for longer than every timer misses nothing`() async throws {
        let (group, port) = ("239.192.90.1", UInt16(18_101))
        let endpoint = "epgm://lo;\(group):\(port)"
        let subscriber = Subscriber(
            options: SocketOptions {
                $0.queueLimit.messageCount = 20
                $0.multicast.sourceExpiry = Self.expiry
                // Most packets find no room in the kernel.
                $0.multicast.kernelByteCount = 65_536
            }
        )
        let witness = Subscriber(
            options: SocketOptions { $0.multicast.sourceExpiry = Self.expiry }
        )
        let (events, signs) = (subscriber.events, witness.events)
        for socket in [subscriber, witness] {
            try await socket.subscribe(to: "")
            try await socket.connect(endpoint)
        }
        let publisher = Publisher(
            options: SocketOptions { $0.multicast.recoveryTime = .seconds(300) }
        )
        try await publisher.bind(endpoint)
        for number in 0..<2_000 {
            publisher.send([Frame("\(number)"), Frame([UInt8](repeating: 7, count: 700))])
        }
        // Nobody takes from the subscriber: it has paused when the witness has everything, or soon after.
        _ = try await witness.receive(2_000)
        try RawGroupSender(port: port).send(Self.stranger(port: port), to: group)
        _ = try await signs.next("expiry of the stranger") {
            if case .multicast(_, .sourceExpired) = $0 { true } else { false }
        }
        publisher.send(["end"])
        let deliveries = try await within("end of the messages") {
            var deliveries: [Delivery] = []
            for await delivery in subscriber.deliveries {
                if case .message(let message) = delivery, message[0].text == "end" { break }
                deliveries.append(delivery)
            }
            return deliveries
        }
        let numbers = deliveries.compactMap {
            if case .message(let message) = $0 { Int(message[0].text) } else { nil }
        }
        #expect(deliveries.count == numbers.count, "there were losses")
        let isComplete = numbers == Array(0..<2_000)
        #expect(isComplete, "\(numbers.count) messages")
        for socket in [subscriber, witness, publisher] as [Socket] {
            try await socket.closeInTime()
        }
        var sourceCount = 0
        for await case .multicast(_, .sourceAppeared) in events { sourceCount += 1 }
        // The publisher once, and the stranger at most: nobody was forgotten and found again.
        #expect((1...2).contains(sourceCount))
    }
}
