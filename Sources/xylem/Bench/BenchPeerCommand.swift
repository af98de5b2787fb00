import ArgumentParser
import Foundation
import Patterns
import ZeroMQ

/// The other end of a measurement; started by `BenchPeer`.
struct BenchPeerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        shouldDisplay: false,
        subcommands: [
            Send.self, Echo.self, MulticastPublishCommand.self, MulticastReceiveCommand.self,
        ]
    )

    struct Send: AsyncParsableCommand {
        @Argument var endpoint: String
        @OptionGroup var options: BenchOptions

        @concurrent func run() async throws {
            BenchPeerCommand.endWithParent()
            let publisher = XPublisher(options: .init { $0.overflow = .block })
            try await publisher.connect(endpoint)
            // The subscription: what is sent before it arrives reaches nobody.
            _ = try await publisher.receive()
            let message = Message([UInt8](repeating: 0, count: options.size))
            for _ in 0..<(options.count ?? 0) { try await publisher.sendWaiting(message) }
            await publisher.close()
            BenchPeerCommand.waitForParent()
        }
    }

    struct Echo: AsyncParsableCommand {
        @Argument var there: String
        @Argument var back: String
        @Option var count: Int
        @Flag var onLoop = false

        @concurrent func run() async throws {
            BenchPeerCommand.endWithParent()
            let subscriber = Subscriber()
            try await withTaskExecutorPreference(onLoop ? subscriber.taskExecutor : nil) {
                try await echo(subscriber)
            }
            BenchPeerCommand.waitForParent()
        }

        @concurrent private func echo(_ subscriber: Subscriber) async throws {
            try await subscriber.subscribe(to: "")
            try await subscriber.connect(there)
            let publisher = XPublisher()
            try await publisher.connect(back)
            _ = try await publisher.receive()
            for _ in 0..<count { publisher.send(try await subscriber.receive()) }
            await publisher.close()
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
