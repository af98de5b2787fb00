import Synchronization
import ZeroMQ

/// The peer as subscriber.
final class SubscribingPeer: Sendable {
    private struct State {
        var tally = PeerTally()
        var expectedCount: Int?
    }

    private let options: PeerOptions
    private let subscriber: Subscriber
    private let topic: [UInt8]
    private let state = Mutex(State())

    init(_ options: PeerOptions) {
        self.options = options
        topic = Array(options.topic.utf8)
        subscriber = Subscriber(options: options.socketOptions())
    }

    func run() async throws {
        try await subscriber.subscribe(to: options.subscribe.map { Array($0.utf8) })
        try await subscriber.open(options)
        let receiving = Task { try await receive() }
        for await words in standardInputCommands() {
            switch words.first {
            case "subscribe":
                try await subscriber.subscribe(to: words.count > 1 ? words[1] : "")
                PeerNotice(event: "subscribing", count: 1).print()
            case "expect":
                state.withLock { $0.expectedCount = words.count > 1 ? Int(words[1]) : 0 }
                tellWhenExpected()
            case "report": state.withLock { $0.tally }.received.print()
            case "reset": state.withLock { $0.tally = PeerTally() }
            case "quit":
                await subscriber.close()
                return
            case let name: throw UnknownCommand(name: name ?? "")
            }
        }
        receiving.cancel()
        await subscriber.close()
    }

    @concurrent private func receive() async throws {
        while true {
            let message = try await subscriber.receive()
            if message.byteCount < 256, message[0].text.hasSuffix(Self.probeSuffix) {
                let topic = message[0].text.dropLast(Self.probeSuffix.count)
                PeerNotice(event: "probed", topic: String(topic)).print()
                continue
            }
            state.withLock { $0.tally.handle(message, topic: topic) }
            tellWhenExpected()
        }
    }

    private func tellWhenExpected() {
        let received = state.withLock { state -> PeerNotice? in
            guard let expected = state.expectedCount, state.tally.count >= expected else {
                return nil
            }
            state.expectedCount = nil
            return state.tally.received
        }
        received?.print()
    }

    private static let probeSuffix = "~probe"
}
