import Foundation
import LabTestSupport
import RouterNode
import SocketTestSupport
import Testing

/// Two relays whose link is cut for some seconds, and libzmq's publishers and subscribers at both.
@Suite(.serialized, .needsPeer, .needsLab, .timeLimit(.minutes(3))) struct OutageLabTests {
    private static let hosts = ["root", "leaf"]

    private struct Setting {
        var lab: NetworkLab
        var relays: [LabRelay]
        /// By host: one publishes at it, one subscribes to what the other host's publisher sends.
        var publishers: [PeerProcess]
        var subscribers: [PeerProcess]
    }

    private static func topology(_ overflow: String, _ lab: NetworkLab) throws -> URL {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "outage-\(UUID().uuidString).yaml")
        let text = """
            name: outage
            nodes:
              root: {address: \(lab.address(of: "root"))}
              leaf: {address: \(lab.address(of: "leaf"))}
            links:
              - [root, leaf]
            trees:
              all: {root: root, overflow: \(overflow)}

            """
        try Data(text.utf8).write(to: file)
        return file
    }

    private static func run(
        _ overflow: String,
        _ options: [String] = [],
        _ body: (Setting) async throws -> Void
    ) async throws {
        try await NetworkLab.with(hosts) { lab in
            let file = try topology(overflow, lab)
            defer { try? FileManager.default.removeItem(at: file) }
            var setting = Setting(lab: lab, relays: [], publishers: [], subscribers: [])
            for host in hosts {
                setting.relays.append(try await .start(at: host, of: file, options, in: lab))
            }
            for (index, host) in hosts.enumerated() {
                let address = lab.address(of: host)
                let other = hosts[1 - index]
                let subscriber = try PeerProcess(
                    command: lab.command(
                        at: host,
                        PeerKind.libzmq.command + [
                            "subscriber", "--connect", "tcp://\(address):6002", "--topic",
                            "from.\(other).", "--subscribe", "from.\(other).",
                        ] + PeerKind.libzmq.patience
                    )
                )
                let publisher = try PeerProcess(
                    command: lab.command(
                        at: host,
                        PeerKind.libzmq.command + [
                            "publisher", "--connect", "tcp://\(address):6001", "--topic",
                            "from.\(host).",
                        ] + PeerKind.libzmq.patience
                    )
                )
                for peer in [subscriber, publisher] { _ = try await peer.event("ready") }
                setting.subscribers.append(subscriber)
                setting.publishers.append(publisher)
            }
            for (index, host) in hosts.enumerated() {
                try await setting.publishers[index]
                    .probe("from.\(host).", until: [setting.subscribers[1 - index]])
            }
            try await body(setting)
            for peer in setting.publishers + setting.subscribers { await peer.close() }
        }
    }

    /// Both publish for `seconds`, ten times a second; in the middle the link is cut. Gives how many messages each sent.
    private static func publish(
        _ setting: Setting,
        perTick: Int,
        byteCount: Int,
        cutFrom: Int,
        to cutTo: Int,
        ticks: Int
    ) async throws -> Int {
        let lab = setting.lab
        for tick in 0..<ticks {
            if tick == cutFrom {
                for (index, host) in hosts.enumerated() {
                    let other = lab.address(of: hosts[1 - index])
                    try await lab.lose("ip saddr \(other)", at: host)
                }
            }
            if tick == cutTo {
                for host in hosts { #expect(try await lab.loseNothing(at: host) > 0) }
            }
            for (publisher, host) in zip(setting.publishers, hosts) {
                try publisher.send("send \(perTick) \(byteCount) from.\(host).")
            }
            for publisher in setting.publishers { _ = try await publisher.event("sent") }
            // A rate, so that the outage is one of seconds and not of messages.
            try await Task.sleep(for: .milliseconds(100))
        }
        return ticks * perTick
    }

    @Test func `under block an outage of a link loses nothing`() async throws {
        try await Self.run("block") { setting in
            let count = try await Self.publish(
                setting,
                perTick: 200,
                byteCount: 100,
                cutFrom: 10,
                to: 90,
                ticks: 110
            )
            for subscriber in setting.subscribers {
                let received = try await subscriber.received(count)
                #expect(received.isComplete(count: count), "\(received)")
            }
            for relay in setting.relays {
                let status = try await relay.status()
                #expect(status.totals.drops == [:])
                #expect(status.balance.isBalanced && status.balance.queued == 0)
                #expect(status.lastDeparted.isEmpty, "the link was to be held")
            }
        }
    }

    /// 40 MB are less than a ring holds.
    @Test func `with numbered links an outage loses nothing, whatever the policy`() async throws {
        try await Self.run("drop-newest") { setting in
            let count = try await Self.publish(
                setting,
                perTick: 100,
                byteCount: 10_000,
                cutFrom: 5,
                to: 45,
                ticks: 55
            )
            for subscriber in setting.subscribers {
                let received = try await subscriber.received(count)
                #expect(received.isComplete(count: count), "\(received)")
            }
            for relay in setting.relays {
                let status = try await relay.status()
                #expect(status.totals.drops == [:])
                #expect(status.balance.isBalanced)
                #expect(status.trees.allSatisfy { $0.link?.gapMessages == 0 })
            }
        }
    }

    /// 40 MB are more than kernels and queues hold.
    @Test func `where messages may be dropped, what is missing is what was counted`() async throws {
        let options = ["--queue-messages", "1000", "--links", "plain"]
        try await Self.run("drop-newest", options) { setting in
            let count = try await Self.publish(
                setting,
                perTick: 100,
                byteCount: 10_000,
                cutFrom: 5,
                to: 45,
                ticks: 55
            )
            var droppedCount = 0
            for status in try await Self.settled(setting) {
                #expect(status.balance.isBalanced)
                #expect(Set(status.totals.drops.keys).isSubset(of: ["queue-full"]))
                droppedCount += status.totals.droppedMessages
            }
            #expect(droppedCount > 0)
            // The last of them may still be on their way from a kernel to a program.
            let expected = 2 * count - droppedCount
            var received: [PeerEvent] = []
            for _ in 0..<50 where received.reduce(0, { $0 + ($1.count ?? 0) }) < expected {
                try await Task.sleep(for: .milliseconds(100))
                received = []
                for subscriber in setting.subscribers {
                    received.append(try await subscriber.report { _ in true })
                }
            }
            #expect(received.reduce(0) { $0 + ($1.count ?? 0) } == expected)
            #expect(received.allSatisfy { $0.outOfOrder == 0 && $0.damaged == 0 })
        }
    }

    /// What the relays say when nothing waits any more.
    private static func settled(_ setting: Setting) async throws -> [NodeStatus] {
        let deadline = ContinuousClock.now + .seconds(30)
        while true {
            var statuses: [NodeStatus] = []
            for relay in setting.relays { statuses.append(try await relay.status()) }
            if statuses.allSatisfy({ $0.balance.queued == 0 }) || .now > deadline {
                return statuses
            }
        }
    }
}
