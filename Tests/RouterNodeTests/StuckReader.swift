import RouterNode
import SocketTestSupport
import Testing
import Vocabulary
import ZeroMQ

/// A relay with a publisher and two subscribers: one reads all, the other nothing.
struct StuckReader {
    let relay: Relay
    let stuck: RawPeer
    private let publisher: XPublisher
    private let fast: Subscriber

    init(
        _ lab: RelayLab,
        overflow: OverflowPolicy = .dropNewest,
        configure: (inout RelayConfiguration) -> Void
    ) async throws {
        let seat = RelayConfiguration.Seat(tree: "t", overflow: overflow)
        relay = try await lab.start("lone", [seat], configure: configure)
        publisher = try await lab.publisher(at: relay)
        stuck = try await RawPeer.subscribe("t", at: try #require(relay.endpoints).subscribers)
        fast = try await lab.subscriber(at: relay, topics: ["t"])
        try await lab.settle([fast], to: [publisher])
        // The topic of either, and one by which the lab knows that the interest has come through.
        try await relay.eventually("three subscriptions") { $0.totals.subscriptions == 3 }
    }

    /// Sends in steps that the one who reads keeps up with, and that fill every kernel buffer on the way to the other.
    func send(_ count: Int) async throws {
        let filler = Frame([UInt8](repeating: 120, count: 10_000))
        for number in 0..<count {
            try await publisher.sendWaiting([Frame("t"), Frame("p \(number)"), filler])
            let message = try await within("message \(number)") { try await fast.receive() }
            #expect(message[1].text == "p \(number)")
        }
    }
}
