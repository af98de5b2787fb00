import ArgumentParser
import Foundation
import Synchronization
import ZeroMQ

struct SocketCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "socket",
        abstract:
            "A socket of any type: lines of standard input are sent, what arrives is printed.",
        discussion: """
            Each line of standard input is a message, and --separator cuts it into frames. REQ sends a line and prints the reply before it sends \
            the next; REP prints a request and answers with the next line, or with the request itself under --echo. A type that only sends ends \
            with its input, all others with --count, --for or Ctrl-C, and REQ with its input, too.

            What PUB, XPUB and RADIO send reaches whoever listens at that moment, so they wait for a subscription or a dish before they send the             first line; --wait-for waits for more, and --no-wait for nobody. At udp://, epgm:// and pgm:// endpoints nobody says that they listen:             lines are sent at once.

            DISH prints the group before each message; a RADIO sends all lines to --group, or to the group that is their first frame. What SERVER, \
            PEER, STREAM and DGRAM print begins with whom it is from, a number or an address, and what they send with whom it is for; a line of one \
            frame goes to whoever was connected to last.

            xylem socket rep --bind tcp://*:5555 --echo
            echo hello | xylem socket req --connect tcp://127.0.0.1:5555
            seq 1000 | xylem socket push --bind ipc:///tmp/tasks
            xylem socket pull --connect ipc:///tmp/tasks --format json --count 10
            xylem socket router --bind tcp://*:5556 --separator '|'
            xylem socket dish --bind 'udp://eth0;239.192.1.1:5556' --join news
            echo hello | xylem socket radio --connect 'udp://eth0;239.192.1.1:5556' --group news
            xylem socket sub --connect wss://relay.example:8443/quotes --tls-trust authority.pem
            """
    )

    @Argument(
        help: ArgumentHelp(
            "req, rep, dealer, router, pub, sub, xpub, xsub, push, pull, pair or stream; or one of libzmq's drafts: client, server, "
                + "radio, dish, scatter, gather, peer, channel, dgram.",
            valueName: "type"
        )
    )
    var kind: SocketKind
    @OptionGroup var ends: SocketEnds
    @OptionGroup(title: "Security options") var security: SecurityArguments
    @OptionGroup(title: "Options for wss:// endpoints") var tls: TLSArguments
    @Option(
        name: .customLong("topic"),
        help: ArgumentHelp(
            "For sub and xsub: receive what begins with this; repeat it for more (everything).",
            valueName: "text"
        )
    )
    var topics: [String] = []
    @Option(
        name: .customLong("join"),
        help: ArgumentHelp(
            "For dish: receive what is sent to this group; repeat it for more.",
            valueName: "group"
        )
    )
    var joined: [String] = []
    @Option(help: ArgumentHelp("For radio: the group that all lines go to.", valueName: "group"))
    var group: String?
    @Option(
        help: ArgumentHelp(
            "For pub and xpub: how many subscribers to wait for before the first line is sent; for radio, how many dishes (1).",
            valueName: "number"
        )
    )
    var waitFor: Int?
    @Flag(help: "For pub, xpub and radio: send at once, even if nobody listens yet.")
    var noWait = false
    @Flag(help: "Answer each message with itself.")
    var echo = false
    @Option(help: ArgumentHelp("What cuts a line into frames.", valueName: "text"))
    var separator: String?
    @Flag(
        help: "Lines are octets in hexadecimal, with | between frames, as --format hex prints them."
    )
    var hex = false
    @Option(help: "How messages are printed; quiet: not at all.")
    var format = MessageFormat.text
    @Option(
        help: ArgumentHelp(
            "End after that many messages have arrived; of a type that only sends, were sent.",
            valueName: "number"
        )
    )
    var count: Int?
    @Option(name: .customLong("for"), help: ArgumentHelp("End after this time.", valueName: "10s"))
    var limit: DurationArgument?
    @Option(
        help: ArgumentHelp("The name ROUTER peers know this socket by.", valueName: "text")
    )
    var routingID: String?

    @Option(
        help: ArgumentHelp(
            "Tell on standard error what happens to the socket's connections.",
            valueName: "text|json"
        )
    )
    var events: OutputFormat?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
        if let waitFor, waitFor < 1 { throw ValidationError("--wait-for is at least 1") }
        guard !noWait || waitFor == nil else {
            throw ValidationError("--wait-for and --no-wait exclude each other")
        }
        guard !noWait && waitFor == nil || [.pub, .xpub, .radio].contains(kind) else {
            throw ValidationError(
                "--wait-for and --no-wait are for pub, xpub and radio: what others send waits by itself"
            )
        }
        if let routingID, routingID.utf8.count > 255 {
            throw ValidationError("--routing-id has at most 255 octets")
        }
        if hex, separator != nil { throw ValidationError("--hex has separators of its own: |") }
        if echo, !SocketKind.answering.contains(kind) {
            let others = SocketKind.answering.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(kind.withArticle) cannot answer: --echo is for \(others)")
        }
        guard joined.isEmpty == (kind != .dish) else {
            throw ValidationError(
                kind == .dish
                    ? "a DISH receives what is sent to groups that it has joined: --join GROUP"
                    : "only dish joins groups; sub and xsub have topics"
            )
        }
        guard group == nil || kind == .radio else {
            throw ValidationError("only radio has a group that it sends to; dish has --join")
        }
        guard topics.isEmpty || kind == .sub || kind == .xsub else {
            throw ValidationError("only sub and xsub have topics")
        }
    }

    func run() async throws {
        let interruption = await Interruption()
        let options = try SocketOptions {
            try security.apply(to: &$0)
            $0.tls = tls.options
            $0.routingID = Array((routingID ?? "").utf8)
            $0.overflow = .block
            $0.linger = nil
            $0.request.isRelaxed = false
        }
        let shell = kind.make(options)
        if let subscribe = shell.subscribe {
            try await subscribe(topics.isEmpty ? [[]] : topics.map { Array($0.utf8) })
        }
        for group in joined { try await shell.join?(Frame(group)) }
        let events = shell.socket.events
        let telling = Task { [format = self.events] in
            if let format { return await EventLines(format: format).write(events) }
            await AttachmentNotices(connects: ends.connects, isBinding: !ends.binds.isEmpty)
                .watch(events)
        }
        try await ends.open(shell)
        let listeners =
            noWait || !ends.hasConnections
            ? nil : shell.listeners?(waitFor ?? 1, group.map { Frame($0) })
        let conversation = Conversation(
            shell: shell,
            listeners: listeners,
            input: try LineInput(path: nil),
            message: { try message(of: $0) },
            format: format,
            count: count
        )
        let begin = ContinuousClock.now
        var ending = try await interruption.run(for: limit?.duration) {
            try await conversation.run(echoes: echo)
        }
        // What is queued still goes out; in the time that is left, and after Ctrl-C nobody waits long for it.
        let rest = limit.map { max(.zero, $0.duration - (ContinuousClock.now - begin)) }
        let isDelivered = await interruption.wait(
            atMost: ending == .finished ? rest : Self.farewellTime,
            hearsSignal: ending == .finished
        ) {
            await shell.socket.reportStatistics()
            await shell.socket.close()
            await telling.value
        }
        if let failure = conversation.failure { throw failure }
        if ending != .finished, conversation.isUnheard {
            throw CommandError.failure("nothing was sent: nobody was there to take it")
        }
        if !isDelivered {
            if let limit, ContinuousClock.now - begin >= limit.duration, ending == .finished {
                ending = .timedOut
            }
            throw CommandError.failure("\(ending.phrase) before everything had left")
        }
    }

    private func message(of line: ArraySlice<UInt8>) throws(CommandError) -> Message {
        let message = try frames(of: line)
        return group.map { Message([Frame($0)] + message.frames) } ?? message
    }

    private func frames(of line: ArraySlice<UInt8>) throws(CommandError) -> Message {
        if hex {
            guard let frames = OctetCoding.hexadecimal.frames(line) else {
                throw .badInput(
                    "'\(String(decoding: line, as: UTF8.self))' is not hexadecimal; frames are separated by |"
                )
            }
            return Message(frames.map { Frame($0) })
        }
        guard let separator, !separator.isEmpty else { return Message(Array(line)) }
        let text = String(decoding: line, as: UTF8.self)
        return Message(text.components(separatedBy: separator).map { Frame($0) })
    }

    private static let farewellTime = Duration.seconds(2)
}
