import Foundation
import Glibc
import RouterNode

/// A node's end of the line to its supervisor: requests to the arbiter go out on standard output, what it says comes in on standard input,
/// whose end is the supervisor's.
struct SupervisorLine: Sendable {
    private let relay: Relay

    init(_ relay: Relay) {
        self.relay = relay
        relay.arbiter.set { tree, request in
            Output.writeJSON(ArbiterLine.Request(request, of: tree))
        }
    }

    /// Returns when the supervisor is gone, or the task is cancelled.
    func run() async {
        for await line in Lifeline.lines(of: STDIN_FILENO) {
            guard let news = try? JSONDecoder().decode(ArbiterLine.News.self, from: Data(line.utf8))
            else { continue }
            if let (tree, news) = news.news {
                relay.arbiter.handle(news, of: tree)
            } else if let number = news.number {
                // The relay's own loop has to answer: a process may live and its relay hang.
                relay.arbiter.whenAlive { Output.writeJSON(ArbiterLine.Request(alive: number)) }
            }
        }
    }
}
