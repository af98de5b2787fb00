import Foundation
import ZeroMQ

/// The peer as publisher.
final class PublishingPeer {
    private let options: PeerOptions
    private let publisher: Publisher
    private var nextSequences: [String: UInt64] = [:]
    private var probing: Task<Void, any Error>?

    init(_ options: PeerOptions) {
        self.options = options
        publisher = Publisher(options: options.socketOptions())
    }

    func run() async throws {
        try await publisher.open(options)
        for await words in standardInputCommands() {
            switch words.first {
            case "send": try await send(words.dropFirst().map { $0 })
            case "probe": probe(words.count > 1 ? words[1] : "")
            case "probe-stop": probing?.cancel()
            case "quit":
                await publisher.close()
                return
            case let name: throw UnknownCommand(name: name ?? "")
            }
        }
        await publisher.close()
    }

    private func send(_ words: [String]) async throws {
        guard words.count >= 2, let count = UInt64(words[0]), let byteCount = Int(words[1]) else {
            throw UnknownCommand(name: "send \(words)")
        }
        let topic = words.count > 2 ? words[2] : options.topic
        let partCount = words.count > 3 ? Int(words[3]) ?? 1 : 1
        let first = nextSequences[topic] ?? 0
        for sequence in first..<first + count {
            try await publisher.sendWaiting(
                NumberedMessage(
                    topic: topic,
                    sequence: sequence,
                    byteCount: byteCount,
                    partCount: partCount
                ).message
            )
        }
        nextSequences[topic] = first + count
        PeerNotice(event: "sent", count: Int(count)).print()
    }

    private func probe(_ topic: String) {
        probing?.cancel()
        probing = Task { [publisher] in
            while !Task.isCancelled {
                publisher.send(Message(topic + "~probe"))
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}

struct UnknownCommand: Error {
    var name: String
}
