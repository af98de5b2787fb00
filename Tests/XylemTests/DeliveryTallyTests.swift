import Testing

@testable import xylem

@Suite struct DeliveryTallyTests {
    @Test func `what arrives once and in order is complete`() {
        var tally = DeliveryTally()
        for number in 0..<200 {
            tally.handleArrival(number, latencyMicroseconds: UInt64(number + 1))
        }
        let node = DemoReport.Node(Self.node, sent: 200, tally: tally)
        #expect(node.isComplete)
        #expect(node.latencyMedian == 100)
        #expect((196...200).contains(node.latencyP99 ?? 0))
    }

    @Test func `missing, duplicated and late are told apart`() {
        var tally = DeliveryTally()
        for number in [0, 2, 1, 1, 2, 64, 63] {
            tally.handleArrival(number, latencyMicroseconds: 10)
        }
        let node = DemoReport.Node(Self.node, sent: 70, tally: tally)
        #expect(node.received == 5)
        #expect(node.missing == 65)
        #expect(node.duplicated == 2)
        #expect(node.late == 2)
        #expect(!node.isComplete)
    }

    @Test func `nothing received has no latency`() {
        let node = DemoReport.Node(Self.node, sent: 3, tally: DeliveryTally())
        #expect(node.missing == 3)
        #expect(node.latencyMedian == nil)
    }

    @Test func `a message is read as it was written`() throws {
        let message = DemoMessage(kind: .counted, number: 123_456_789, sentAt: .max)
        for byteCount in [0, 64, 1_000] {
            let bytes = message.encoded(topic: Array("a.".utf8), byteCount: byteCount)
            #expect(bytes.count == max(byteCount, 2 + DemoMessage.headerByteCount))
            let read = bytes.withUnsafeBytes { DemoMessage($0, topicByteCount: 2) }
            #expect(read == message)
        }
        let short = message.encoded(topic: [], byteCount: 0).dropLast()
        #expect(Array(short).withUnsafeBytes { DemoMessage($0, topicByteCount: 0) } == nil)
    }

    private static let node = FleetState.Node(
        id: "a",
        label: "a",
        publishers: "",
        subscribers: "",
        control: ""
    )
}
