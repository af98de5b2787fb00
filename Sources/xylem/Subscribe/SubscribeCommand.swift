import ArgumentParser
import Foundation
import Transports
import ZeroMQ

struct SubscribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "subscribe",
        abstract:
            "Print and count what arrives at nodes of the running fleet, or at any endpoints.",
        discussion: """
            Messages go to standard output, the summary to standard error. Of the synthetic load of 'xylem publish' \
            it also tells what is missing, duplicated or late, and the delays.

            xylem subscribe oslo --topic weather.
            xylem subscribe tcp://127.0.0.1:6002 --format json --count 10
            xylem subscribe oslo rome cairo --format quiet --stats --for 10s
            xylem subscribe 'epgm://eth0;239.192.1.1:5555' --topic weather.
            """
    )

    @Argument(help: ArgumentHelp("Nodes' names or endpoints.", valueName: "node|endpoint"))
    var targets: [String]
    @Option(
        name: .customLong("topic"),
        help: ArgumentHelp(
            "Receive what begins with this; repeat it for more (everything).",
            valueName: "text"
        )
    )
    var topics: [String] = []
    @Option(
        name: .customLong("topic-hex"),
        help: ArgumentHelp("The same for octets that are no text.", valueName: "digits")
    )
    var topicsHex: [HexadecimalArgument] = []
    @Option(name: .customLong("topic-base64"), help: ArgumentHelp("The same.", valueName: "text"))
    var topicsBase64: [Base64Argument] = []
    @OptionGroup var attach: AttachOptions
    @OptionGroup(title: "Security options") var security: SecurityArguments
    @OptionGroup(title: "Multicast options") var multicast: MulticastArguments
    @Option(
        help: """
            How messages are printed. text: what is no text in hexadecimal, cut short; hex, base64: all octets, with | between \
            frames, as 'xylem publish' takes them.
            """
    )
    var format = MessageFormat.text
    @Flag(help: "--format hex")
    var hex = false
    @Flag(help: "--format base64")
    var base64 = false
    @Option(
        help: ArgumentHelp(
            "End after that many messages, from each of several places.",
            valueName: "number"
        )
    )
    var count: Int?
    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "10s"))
    var limit: DurationArgument?
    @Flag(help: "Show rates every second, on standard error.")
    var stats = false
    @Flag(
        help: """
            Fail (exit code 1) unless synthetic load arrived from its first message on without a gap, and --count \
            messages if that is given.
            """
    )
    var expectComplete = false

    func validate() throws {
        guard !targets.isEmpty else { throw ValidationError("say where to subscribe") }
        guard [hex, base64, format != .text].filter(\.self).count <= 1 else {
            throw ValidationError("--hex, --base64 and --format exclude each other")
        }
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
    }

    func run() async throws {
        let places = try attach.places(targets, side: .subscribers)
        let interruption = await Interruption()
        let output = StandardOutput()
        var intakes: [Intake] = []
        let multicast = try multicast.options()
        let options = try SocketOptions {
            try security.apply(to: &$0)
            $0.multicast = multicast
            $0.heartbeat = attach.heartbeat.options
            $0.tls = attach.tls.options
        }
        for place in places {
            let subscriber = Subscriber(options: options)
            try await subscriber.subscribe(to: prefixes)
            try await subscriber.attach(to: place, bind: attach.bind)
            intakes.append(
                Intake(
                    place: place,
                    subscriber: subscriber,
                    format: hex ? .hex : base64 ? .base64 : format,
                    output: output,
                    isOneOfSeveral: places.count > 1
                )
            )
        }
        let rates = stats ? Task { [intakes] in try await RateLines(intakes).run() } : nil
        _ = try await interruption.run(for: limit?.duration) { [intakes] in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for intake in intakes { group.addTask { try await intake.run(limit: count) } }
                try await group.waitForAll()
            }
        }
        rates?.cancel()
        for intake in intakes {
            Diagnostics.write(intake.summary())
            await intake.subscriber.close()
        }
        if let failure = output.failure { throw failure }
        if expectComplete, !intakes.allSatisfy(isComplete) { throw ExitStatus.failure }
    }

    private var prefixes: [[UInt8]] {
        let given =
            topics.map { Array($0.utf8) } + topicsHex.map(\.octets) + topicsBase64.map(\.octets)
        return given.isEmpty ? [[]] : given
    }

    private func isComplete(_ intake: Intake) -> Bool {
        let tally = intake.tally
        return tally.isComplete && tally.messageCount >= count ?? 0
    }
}
