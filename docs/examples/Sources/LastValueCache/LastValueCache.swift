import Synchronization
import ZeroMQ

/// Stands between a publisher and its subscribers, and gives every new subscriber the last value of each topic it
/// asks for, so that nobody waits for the next change:
///     LastValueCache [FROM [TO]]        (tcp://127.0.0.1:5556, tcp://*:5557)
@main struct LastValueCache {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let upstream = Subscriber()
        try await upstream.connect(arguments.first ?? "tcp://127.0.0.1:5556")
        try await upstream.subscribe(to: "")

        // Every subscription is news, also to a topic that somebody else has.
        let downstream = XPublisher(options: SocketOptions { $0.verbosity = .everySubscription })
        let endpoint = try await downstream.bind(arguments.dropFirst().first ?? "tcp://*:5557")
        print("serving at \(endpoint)")

        let cache = Cache()
        await withTaskGroup { group in
            group.addTask {
                for await message in upstream.messages {
                    cache.keep(message)
                    downstream.send(message)
                }
            }
            group.addTask {
                // The last values go to whoever has the topic, not to the newcomer alone: PUB addresses topics.
                for await case .subscribed(let topic) in downstream.news {
                    for message in cache.values(of: topic) { downstream.send(message) }
                }
            }
        }
    }
}

/// The last message of each topic.
final class Cache: Sendable {
    private let messages = Mutex<[[UInt8]: Message]>([:])

    func keep(_ message: Message) {
        messages.withLock { $0[message[0].bytes] = message }
    }

    func values(of prefix: [UInt8]) -> [Message] {
        messages.withLock { messages in
            messages.filter { $0.key.starts(with: prefix) }.map(\.value)
        }
    }
}
