import PGM
import SocketTestSupport
import Synchronization
import Testing
import Transports
import Wire
import ZeroMQ

/// Packets that are lost on the way: repaired, or told.
@Suite(.sockets, .timeLimit(.minutes(5))) struct MulticastLossTests {
    /// Drops data packets by their place in the order they came, repairs as well as originals.
    final class Dropper: Sendable {
        private let count = Atomic(0)
        private let isDropped: @Sendable (_ place: Int, _ number: UInt32, _ type: UInt8) -> Bool
        let droppedCount = Atomic(0)

        init(_ isDropped: @escaping @Sendable (Int, UInt32, UInt8) -> Bool) {
            self.isDropped = isDropped
        }

        func passes(_ packet: UnsafeRawBufferPointer) -> Bool {
            guard packet.count >= 24, packet[4] == 4 || packet[4] == 5 else { return true }
            let place = count.wrappingAdd(1, ordering: .relaxed).oldValue
            let drops = isDropped(place, BigEndian.loadUInt32(packet, at: 16), packet[4])
            if drops { droppedCount.wrappingAdd(1, ordering: .relaxed) }
            return !drops
        }
    }

    private func exchange(
        _ dropper: Dropper,
        count: Int = 3_000,
        publisherOptions: MulticastOptions = MulticastOptions(),
        subscriberOptions: MulticastOptions = MulticastOptions()
    ) async throws -> [Delivery] {
        let endpoint = MulticastSocketTests.endpoint()
        var subscriberOptions = subscriberOptions
        subscriberOptions.packetFilter = { dropper.passes($0) }
        let multicast = subscriberOptions
        let subscriber = Subscriber(options: SocketOptions { $0.multicast = multicast })
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(endpoint)
        let publisher = Publisher(options: SocketOptions { $0.multicast = publisherOptions })
        try await publisher.bind(endpoint)
        for number in 0..<count {
            publisher.send([Frame("\(number)"), Frame([UInt8](repeating: 7, count: 300))])
        }
        publisher.send("end")
        let deliveries = try await within("end of the messages") {
            var deliveries: [Delivery] = []
            for await delivery in subscriber.deliveries {
                if case .message(let message) = delivery, message[0].text == "end" { break }
                deliveries.append(delivery)
            }
            return deliveries
        }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
        return deliveries
    }

    private func numbers(_ deliveries: [Delivery]) -> [Int] {
        deliveries.compactMap {
            if case .message(let message) = $0 { Int(message[0].text) } else { nil }
        }
    }

    @Test func `what is lost is repaired`() async throws {
        // The first of the stream, runs of several, repairs of some, and the last ones.
        let dropper = Dropper { place, number, type in
            type == 4 ? place == 0 || place % 7 == 3 || (40..<60).contains(place) : place % 5 == 0
        }
        let deliveries = try await exchange(dropper)
        // Who misses the first packet joins at the second.
        let numbers = numbers(deliveries)
        let first = try #require(numbers.first)
        #expect(first < 10)
        let isComplete = numbers == Array(first..<3_000)
        #expect(isComplete, "\(numbers.count) from \(first)")
        #expect(deliveries.count == numbers.count, "there were losses")
        #expect(dropper.droppedCount.load(ordering: .relaxed) > 50)
    }

    @Test func `parity repairs what is lost`() async throws {
        let parity = MulticastOptions {
            $0.parity = ParityOptions(groupSize: 8, proactiveCount: 2, isOnDemand: true)
        }
        // Parity comes as ODATA, too: some of it is dropped, and more is asked for.
        let dropper = Dropper { place, _, type in type == 4 && place > 20 && place % 11 == 5 }
        let deliveries = try await exchange(
            dropper,
            publisherOptions: parity,
            subscriberOptions: parity
        )
        #expect(deliveries.count == 3_000, "there were losses")
        let isComplete = numbers(deliveries) == Array(0..<3_000)
        #expect(isComplete)
        #expect(dropper.droppedCount.load(ordering: .relaxed) > 20)
    }

    @Test func `what cannot be repaired is told in its place`() async throws {
        let lost: ClosedRange<UInt32> = 100...102
        let dropper = Dropper { _, number, _ in lost.contains(number) }
        var small = MulticastOptions()
        // The publisher forgets soon: some 90 packets.
        small.recoveryByteCount = 131_072
        let deliveries = try await exchange(dropper, publisherOptions: small)
        let losses = deliveries.compactMap {
            if case .loss(let loss) = $0 { loss } else { nil }
        }
        #expect(losses.reduce(0) { $0 + $1.packetCount } == 3)
        #expect(losses.first?.firstSequence == SequenceNumber(100))
        #expect(losses.allSatisfy { $0.cause == .notRepaired })
        let numbers = numbers(deliveries)
        let isSorted = numbers == numbers.sorted() && Set(numbers).count == numbers.count
        #expect(isSorted)
        #expect(numbers.first == 0 && numbers.last == 2_999)
        // What is missing is missing where the loss is told.
        let place = try #require(
            deliveries.firstIndex { if case .loss = $0 { true } else { false } }
        )
        let before = self.numbers(Array(deliveries[..<place]))
        let after = self.numbers(Array(deliveries[place...]))
        let isInOrder =
            before == Array(0..<before.count) && after == Array((3_000 - after.count)..<3_000)
        #expect(isInOrder)
        #expect(before.count + after.count < 3_000)
    }

    @Test func `of several publishers on one host each repairs what it sent`() async throws {
        let endpoint = MulticastSocketTests.endpoint()
        // The kernel gives a NAK to one of their sockets, whoever it is meant for.
        let dropper = Dropper { place, _, type in type == 4 && place > 20 && place % 9 == 4 }
        let subscriber = Subscriber(
            options: SocketOptions { $0.multicast.packetFilter = { dropper.passes($0) } }
        )
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(endpoint)
        let publishers = [Publisher(), Publisher(), Publisher()]
        for publisher in publishers { try await publisher.bind(endpoint) }
        let filler = Frame([UInt8](repeating: 7, count: 500))
        for number in 0..<600 {
            for (index, publisher) in publishers.enumerated() {
                publisher.send([Frame("\(index)"), Frame("\(number)"), filler])
            }
            if number % 20 == 0 { try await Task.sleep(for: .milliseconds(1)) }
        }
        let messages = try await subscriber.receive(1_800)
        for index in publishers.indices {
            let own = messages.filter { $0[0].text == "\(index)" }.map { $0[1].text }
            let isComplete = own == (0..<600).map(String.init)
            #expect(isComplete, "publisher \(index): \(own.count)")
        }
        #expect(dropper.droppedCount.load(ordering: .relaxed) > 30)
        for socket in publishers + [subscriber] as [Socket] { try await socket.closeInTime() }
    }

    @Test func `sealed messages are repaired, too, and nobody else reads them`() async throws {
        let ring = try SealKeyring(key: [UInt8](1...32))
        let sealed = MulticastOptions { $0.seal = ring }
        let dropper = Dropper { place, _, _ in place > 3 && place % 13 == 1 }
        let deliveries = try await exchange(
            dropper,
            count: 1_000,
            publisherOptions: sealed,
            subscriberOptions: sealed
        )
        let isComplete = numbers(deliveries) == Array(0..<1_000)
        #expect(isComplete)
    }

    @Test func `sealed and open sockets do not hear each other`() async throws {
        let endpoint = MulticastSocketTests.endpoint()
        let sealed = try SocketOptions {
            $0.multicast.seal = try SealKeyring(key: [UInt8](1...32))
        }
        let subscriber = Subscriber(options: sealed)
        let events = subscriber.events
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(endpoint)
        let open = Publisher()
        try await open.bind(endpoint)
        open.send("in the clear")
        _ = try await events.next("refusal") {
            if case .multicast(_, .refused(_, let reason)) = $0 {
                reason.contains("not sealed")
            } else {
                false
            }
        }
        let publisher = Publisher(options: sealed)
        try await publisher.bind(endpoint)
        publisher.send("sealed")
        #expect(try await subscriber.receiveTexts(1) == ["sealed"])
        #expect(subscriber.tryReceive() == nil)
        for socket in [subscriber, open, publisher] as [Socket] { try await socket.closeInTime() }
    }
}
