import ArgumentParser
import Foundation
import ZeroMQ

/// The other end of a measurement; started by `BenchPeer`.
struct BenchPeerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        shouldDisplay: false,
        subcommands: [
            Send.self, Echo.self, Serve.self, MulticastPublishCommand.self,
            MulticastReceiveCommand.self,
        ]
    )

    struct Send: AsyncParsableCommand {
        @Argument var endpoint: String
        @OptionGroup var options: BenchOptions
        @Option var pattern: BenchPattern
        @Option var serverKey: String?

        @concurrent func run() async throws {
            BenchPeerCommand.endWithParent()
            let sender = BenchSender(
                pattern: pattern,
                options: BenchSecurity.options(serverKey: serverKey),
                size: options.size,
                count: options.count ?? 0
            )
            try await sender.run(to: endpoint)
            BenchPeerCommand.waitForParent()
        }
    }

    struct Echo: AsyncParsableCommand {
        @Argument var endpoints: [String]
        @OptionGroup var options: BenchOptions
        @Option var pattern: BenchPattern
        @Option var serverKey: String?
        @Flag var onLoop = false

        @concurrent func run() async throws {
            BenchPeerCommand.endWithParent()
            let echo = BenchEcho(
                pattern: pattern,
                options: BenchSecurity.options(serverKey: serverKey),
                count: options.count ?? 0,
                isOnLoop: onLoop
            )
            try await echo.run(at: endpoints)
            BenchPeerCommand.waitForParent()
        }
    }

    /// A socket that is loaded from outside, until its standard input ends.
    struct Serve: AsyncParsableCommand {
        enum Role: String, ExpressibleByArgument {
            case router, push
        }

        @Argument var role: Role
        @Argument var endpoint: String
        /// Of PUSH: how many peers are waited for.
        @Option var peers = 0
        @OptionGroup var options: BenchOptions

        @concurrent func run() async throws {
            switch role {
            case .router:
                let router = Router()
                try await router.bind(endpoint)
                while true { try await router.send(try await router.receive()) }
            case .push:
                let pusher = Pusher()
                try await pusher.bind(endpoint)
                while await pusher.peerCount() < peers {
                    try await Task.sleep(for: .milliseconds(10))
                }
                let message = Message([UInt8](repeating: 0, count: options.size))
                for _ in 0..<(options.count ?? 0) { try await pusher.send(message) }
                while true { try await Task.sleep(for: .seconds(60)) }
            }
        }
    }

    private static func endWithParent() {
        Thread.detachNewThread { waitForParent() }
    }

    /// Standard input ends when the parent does.
    private static func waitForParent() {
        while FileHandle.standardInput.availableData.count > 0 {}
        Foundation.exit(0)
    }
}
