import Vocabulary
import ArgumentParser
import Foundation
import Logging
import Patterns
import RouterNode
import Transports
import TreeBuilder

/// How a relay behaves, whatever its place: for `node`, and for `up`, which hands them to each of its nodes.
struct RelayOptions: ParsableArguments {
    @Option(
        help:
            "What becomes of messages for a subscriber that is too slow, where the plan does not say."
    )
    var overflow = OverflowPolicy.dropNewest
    @Option(
        help: ArgumentHelp(
            "How long a peer may take nothing of what waits for it, such as 60s, or 'never'; where the plan does not say. "
                + "By default 60s in trees that block, where it holds up everybody, and never in others.",
            valueName: "time"
        )
    )
    var stall: StallTimeout?
    @Option(help: "How many messages may wait for one subscriber.")
    var queueMessages = QueueLimit().messageCount
    @Option(help: ArgumentHelp("How much may wait for one subscriber.", valueName: "size"))
    var queueBytes = ByteCountArgument(QueueLimit().byteCount)
    @Option(
        help: ArgumentHelp(
            "What the queues to all peers may hold together. By default half of the machine's memory; for 'up' that, divided among "
                + "its nodes.",
            valueName: "size"
        )
    )
    var memory: ByteCountArgument?
    @Option(help: ArgumentHelp("The largest message taken from anybody.", valueName: "size"))
    var maxMessage = ByteCountArgument(128 << 20)
    @Option(help: "Event loops of a relay; its subscribers are spread over them.")
    var threads = 1
    @Option(
        help: ArgumentHelp(
            """
            How relays of a plan are connected: 'numbered' links keep every message when a relay dies, its root too, and cost \
            memory for what was sent last (docs/tree-link.md); 'plain' ones are those of ZeroMQ.
            """,
            valueName: "kind"
        )
    )
    var links = LinkKind.numbered
    @Option(
        help: ArgumentHelp(
            "What a relay keeps of each tree's last messages, for relays that come back; with numbered links. By default 64 MiB; for "
                + "'up' no more than a quarter of the machine's memory for all of its nodes.",
            valueName: "size"
        )
    )
    var ring: ByteCountArgument?
    @Option(
        help: ArgumentHelp("How long a relay keeps them at most.", valueName: "duration")
    )
    var ringTime = DurationArgument(
        milliseconds: TreeLinkSettings.standardRing.time / .milliseconds(1)
    )
    @Option(
        help: ArgumentHelp(
            "The least level that is logged: trace, debug, info, notice, warning, error or critical.",
            valueName: "level"
        )
    )
    var logLevel: Logger.Level?

    func validate() throws {
        guard queueMessages > 0 else { throw ValidationError("--queue-messages must be positive") }
        guard (1...1_024).contains(threads) else {
            throw ValidationError("--threads is \(threads); use 1 to 1024")
        }
    }

    func apply(to configuration: inout RelayConfiguration) {
        configuration.queueLimit = QueueLimit(
            messageCount: queueMessages,
            byteCount: queueBytes.byteCount
        )
        configuration.stall = stall
        if let memory { configuration.memoryByteCountMax = memory.byteCount }
        configuration.messageByteCountMax = maxMessage.byteCount
        configuration.threadCount = threads
    }

    /// The links of a plan's relay; after `apply`.
    func link(
        _ configuration: inout RelayConfiguration,
        of plan: Plan,
        reigns: [ArbiterLine.Reign]
    ) {
        guard links == .numbered else { return }
        let now = UInt64(Date().timeIntervalSince1970)
        plan.link(&configuration, reigns: reigns, epoch: now) { link in
            if let ring { link.options.ringOctetCountMax = ring.byteCount }
            link.options.ringTimeMax = ringTime.duration
        }
    }

    func logger(isSupervised: Bool) -> Logger {
        Logger(label: "xylem") { [level = logLevel ?? .notice] _ in
            RelayLogHandler(logLevel: level, isTimed: !isSupervised)
        }
    }

    /// The same options for one of so many processes of this command on this machine.
    func arguments(nodeCount: Int) -> [String] {
        let ringMax = TreeLinkSettings.standardRing.octetCount
        let ringShare = ring?.byteCount ?? min(ringMax, MachineMemory.share / 2 / max(1, nodeCount))
        let memory = memory?.byteCount ?? MachineMemory.share / max(1, nodeCount)
        return [
            "--overflow", overflow.rawValue, "--queue-messages", "\(queueMessages)",
            "--queue-bytes", "\(queueBytes.byteCount)", "--max-message", "\(maxMessage.byteCount)",
            "--threads", "\(threads)", "--links", links.rawValue, "--ring", "\(ringShare)",
            "--ring-time", "\(ringTime.milliseconds)ms",
            "--log-level", (logLevel ?? .notice).rawValue,
            "--memory", "\(max(1, memory))",
        ] + (stall.map { ["--stall", "\($0)"] } ?? [])
    }
}
