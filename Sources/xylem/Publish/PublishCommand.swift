import Vocabulary
import ArgumentParser
import Glibc
import Patterns
import Synchronization
import ZeroMQ

struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish messages at a node of the running fleet, or at any endpoint.",
        discussion: """
            Messages are the arguments, the lines of a file or of standard input, or a synthetic load, whose messages \
            are numbered and time-stamped so that 'xylem subscribe' reports gaps and delays. Nothing is lost: a slow \
            subscriber slows the publisher down, unless --overflow says otherwise.

            xylem publish oslo "weather.oslo -4"
            xylem publish tcp://127.0.0.1:6001 --topic weather.oslo -- -4
            tail -f log | xylem publish oslo --topic log. -
            xylem publish oslo --topic-hex ff01 --hex "00 2a | deadbeef"
            xylem publish oslo --rate 10000 --size 64 --count 100000
            xylem publish 'epgm://eth0;239.192.1.1:5555' --multicast-rate 20Mbit "weather.oslo -4"
            """
    )

    @Argument(help: ArgumentHelp("A node's name, or an endpoint.", valueName: "node|endpoint"))
    var target: String
    @OptionGroup var publish: PublishOptions
    @OptionGroup var attach: AttachOptions
    @OptionGroup(title: "Security options") var security: SecurityArguments
    @OptionGroup(title: "Multicast options") var multicast: MulticastArguments
    @Flag(help: "Send at once, even if nobody has subscribed yet.")
    var noWait = false
    @Option(
        help: ArgumentHelp(
            "How many subscriptions to wait for; at a node of a fleet, how many subscribers all its relays have.",
            valueName: "number"
        )
    )
    var waitFor = 1
    @Option(help: "What becomes of messages for a subscriber that is too slow.")
    var overflow = OverflowPolicy.block

    func validate() throws {
        guard waitFor > 0 else { throw ValidationError("--wait-for is at least 1") }
    }

    func run() async throws {
        let source = try publish.source(isTerminal: isatty(STDIN_FILENO) == 1)
        guard let place = try attach.places([target], side: .publishers).first else { return }
        let input = try Self.input(of: source)
        let interruption = await Interruption()
        let multicast = try multicast.options()
        let options = try SocketOptions {
            try security.apply(to: &$0)
            $0.multicast = multicast
            $0.heartbeat = attach.heartbeat.options
            $0.tls = attach.tls.options
            $0.overflow = overflow
            $0.linger = nil
            $0.verbosity = .everySubscription
        }
        let publisher = XPublisher(options: options)
        let events = publisher.events
        try await publisher.attach(to: place, bind: attach.bind)
        let summary = Mutex("sent 0 messages")
        let ending = try await interruption.run {
            // Nobody subscribes to a group's sender: it sends, whoever listens.
            if !noWait, !place.isMulticast {
                try await SubscriberAwait(count: waitFor, topic: publish.commonTopic)
                    .run(publisher, events, at: place)
            }
            let outflow = Outflow(
                publisher: publisher,
                rate: publish.rate,
                expectedCount: source.messageCount
            )
            defer { summary.withLock { $0 = outflow.summary() } }
            try await send(source, input, to: outflow)
        }
        // What is queued still goes out, but after Ctrl-C nobody waits long for it.
        let isDelivered = await interruption.wait(
            atMost: ending == .finished ? nil : Self.farewellTime
        ) {
            await publisher.close()
        }
        Diagnostics.write(
            summary.withLock { $0 } + (await losses(of: publisher))
                + (isDelivered ? "" : "; interrupted before the last of them had left")
        )
        if !isDelivered || ending == .interrupted && source.messageCount != nil {
            throw ExitStatus.failure
        }
    }

    private func send(
        _ source: PublishOptions.Source,
        _ input: LineInput?,
        to outflow: Outflow
    ) async throws {
        switch source {
        case .messages(let messages):
            for message in messages {
                try await outflow.send(byteCount: message.byteCount) { message }
            }
        case .lines:
            try await input?.forEachLine { line in
                let message = try publish.message(of: line)
                try await outflow.send(byteCount: message.byteCount) { message }
            }
        case .load(let topic, let byteCount, let messageCount):
            let publisher = UInt32.random(in: .min ... .max)
            var frame = LoadMessage.makeFrame(topic: topic, byteCount: byteCount)
            for sequence in 0..<UInt64(messageCount ?? .max) {
                try await outflow.send(byteCount: byteCount) {
                    let record = LoadMessage(
                        publisher: publisher,
                        sequence: sequence,
                        sentAt: WallClock.nanoseconds()
                    )
                    return frame.withUnsafeMutableBytes { bytes in
                        record.write(to: bytes)
                        return Message(UnsafeRawBufferPointer(bytes))
                    }
                }
            }
        }
    }

    private func losses(of publisher: XPublisher) async -> String {
        let dropped = await publisher.droppedMessageCount() + publisher.refusedMessageCount
        let unmatched = await publisher.unmatchedMessageCount()
        return "; \(Figures.exact(dropped)) dropped"
            + (unmatched > 0 ? "; \(Figures.exact(unmatched)) matched no subscription" : "")
    }

    private static func input(of source: PublishOptions.Source) throws(CommandError) -> LineInput? {
        if case .lines(let path) = source { try LineInput(path: path) } else { nil }
    }

    private static let farewellTime = Duration.seconds(2)
}

extension PublishOptions.Source {
    /// `nil` when it is not known beforehand.
    var messageCount: Int? {
        switch self {
        case .messages(let messages): messages.count
        case .lines: nil
        case .load(_, _, let messageCount): messageCount
        }
    }
}
