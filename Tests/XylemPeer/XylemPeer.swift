import ArgumentParser
import Foundation
import Synchronization
import Transports
import ZeroMQ

/// A pub-sub peer of ours that a test drives in a process of its own, in a network namespace for instance. It takes the
/// commands of `Peers/peer.py` and prints its events:
///
///     send COUNT SIZE [TOPIC [PARTS]] · probe TOPIC · probe-stop · subscribe [TOPIC] · expect COUNT · report · reset · quit
///
/// and besides, by itself, `monitor` with what the socket's monitor tells. It leaves when its standard input closes.
@main
struct XylemPeer: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "xylem-peer")

    @OptionGroup var options: PeerOptions

    @concurrent func run() async throws {
        do {
            switch options.role {
            case .publisher: try await PublishingPeer(options).run()
            case .subscriber: try await SubscribingPeer(options).run()
            }
        } catch {
            PeerNotice(event: "error", message: "\(error)").print()
            throw ExitCode.failure
        }
    }
}

/// The lines of standard input, as words.
func standardInputCommands() -> AsyncStream<[String]> {
    let (lines, continuation) = AsyncStream.makeStream(of: [String].self)
    Thread.detachNewThread {
        while let line = readLine() {
            continuation.yield(line.split(separator: " ").map(String.init))
        }
        continuation.finish()
    }
    return lines
}

extension Socket {
    /// Opens the endpoints and tells so; from then on tells what the monitor tells.
    func open(_ options: PeerOptions) async throws {
        let events = events
        Task {
            for await event in events { PeerNotice(event: "monitor", message: "\(event)").print() }
        }
        for endpoint in options.bind {
            let bound = try await bind(endpoint)
            PeerNotice(event: "bound", endpoint: "\(bound)").print()
        }
        for endpoint in options.connect { try await connect(endpoint) }
        PeerNotice(event: "ready").print()
    }
}
