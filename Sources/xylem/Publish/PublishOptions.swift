import ArgumentParser
import Glibc
import Patterns
import ZeroMQ

/// What is published, and how fast.
struct PublishOptions: ParsableArguments {
    @Argument(
        help: "Messages of one frame each; '-' = one per line of standard input."
    )
    var messages: [String] = []
    @Option(
        help: ArgumentHelp(
            "A first frame for every message; of a synthetic load, the beginning of its frame.",
            valueName: "text"
        )
    )
    var topic: String?
    @Option(help: ArgumentHelp("The same for octets that are no text.", valueName: "digits"))
    var topicHex: HexadecimalArgument?
    @Option(name: .customLong("topic-base64"), help: ArgumentHelp("The same.", valueName: "text"))
    var topicBase64: Base64Argument?
    @Flag(
        help: """
            Messages, frames and lines are hexadecimal digits, with | between the frames of one message, as 'xylem subscribe \
            --format hex' prints them.
            """
    )
    var hex = false
    @Flag(help: "The same for base64.")
    var base64 = false
    @Option(
        name: .customLong("frame"),
        help: ArgumentHelp("A frame of one message; repeat it for more.", valueName: "text")
    )
    var frames: [String] = []
    @Option(
        help: ArgumentHelp("Cut messages and lines into frames wherever this text is.")
    )
    var separator: String?
    @Option(help: ArgumentHelp("Publish each line of this file.", valueName: "file"))
    var file: String?
    @Option(
        help: ArgumentHelp("Messages per second; 0 = as fast as possible.", valueName: "number")
    )
    var rate = 0.0
    @Option(
        help: ArgumentHelp("Synthetic load: octets per message (64).", valueName: "octets")
    )
    var size: Int?
    @Option(
        help: ArgumentHelp(
            "Synthetic load: how many messages; without it, until Ctrl-C.",
            valueName: "number"
        )
    )
    var count: Int?

    /// Where messages come from.
    enum Source: Equatable {
        case messages([Message])
        /// `nil` = standard input.
        case lines(path: String?)
        case load(topic: [UInt8], byteCount: Int, messageCount: Int?)
    }

    func validate() throws {
        guard rate >= 0, rate.isFinite else { throw ValidationError("--rate is 0 or more") }
        if let separator, separator.isEmpty { throw ValidationError("--separator is empty") }
        if let count, count < 1 { throw ValidationError("--count is at least 1") }
        guard [topic != nil, topicHex != nil, topicBase64 != nil].filter(\.self).count <= 1 else {
            throw ValidationError("--topic, --topic-hex and --topic-base64 exclude each other")
        }
        guard !hex || !base64 else {
            throw ValidationError("--hex and --base64 exclude each other")
        }
        guard coding == nil || separator == nil else {
            throw ValidationError("with --hex and --base64, | is the separator of frames")
        }
        let sources = [
            !messages.isEmpty || !frames.isEmpty, file != nil, size != nil || count != nil,
        ]
        guard sources.filter(\.self).count <= 1 else {
            throw ValidationError(
                "messages, --file and a synthetic load (--size, --count) exclude each other"
            )
        }
        if let size, size < minimumLoadByteCount || size > Self.loadByteCountMax {
            throw ValidationError(
                "--size is between \(minimumLoadByteCount) (the topic and a record of "
                    + "\(LoadMessage.recordByteCount) octets) and \(Self.loadByteCountMax)"
            )
        }
    }

    /// `isTerminal`: whether standard input is one, and so no source of messages.
    func source(isTerminal: Bool) throws(CommandError) -> Source {
        if let file { return .lines(path: file) }
        if messages == ["-"] { return .lines(path: nil) }
        if !messages.isEmpty || !frames.isEmpty {
            var made: [Message] = []
            for text in messages { made.append(try message(of: Array(text.utf8)[...])) }
            if !frames.isEmpty { made.append(Message(topicFrames + (try codedFrames()))) }
            return .messages(made)
        }
        if size != nil || count != nil { return load }
        if !isTerminal { return .lines(path: nil) }
        if rate > 0 { return load }
        throw .badInput(
            "nothing to publish: give messages, --file, or a synthetic load such as --rate 1000 --count 10000"
        )
    }

    /// A message of this text, which need not be UTF-8: with the topic before it, decoded or cut at the separator.
    func message(of text: ArraySlice<UInt8>) throws(CommandError) -> Message {
        if let coding {
            guard let frames = coding.frames(text) else { throw Self.refusal(text, coding) }
            return Message(topicFrames + frames.map { Frame($0) })
        }
        if let separator {
            return Message(topicFrames + Self.cut(text, at: Array(separator.utf8)))
        }
        if topicFrames.isEmpty { return text.withUnsafeBytes { Message($0) } }
        return Message(topicFrames + [Frame(text)])
    }

    /// The topic all messages have, if that is known.
    var commonTopic: [UInt8]? {
        topic.map { Array($0.utf8) } ?? topicHex?.octets ?? topicBase64?.octets
    }

    private var topicFrames: [Frame] { commonTopic.map { [Frame($0)] } ?? [] }

    private var coding: OctetCoding? { hex ? .hexadecimal : base64 ? .base64 : nil }

    private func codedFrames() throws(CommandError) -> [Frame] {
        guard let coding else { return frames.map { Frame($0) } }
        var made: [Frame] = []
        for text in frames {
            guard let octets = coding.octets(text.utf8) else {
                throw Self.refusal(Array(text.utf8)[...], coding)
            }
            made.append(Frame(octets))
        }
        return made
    }

    private static func refusal(_ text: ArraySlice<UInt8>, _ coding: OctetCoding) -> CommandError {
        let shown = String(decoding: text.prefix(40), as: UTF8.self)
        return .badInput(
            "'\(shown)\(text.count > 40 ? "…" : "")' is not \(coding.name): frames such as "
                + (coding == .hexadecimal ? "6f736c6f | ff01" : "b3Nsbw== | /wE=")
        )
    }

    private static func cut(_ text: ArraySlice<UInt8>, at separator: [UInt8]) -> [Frame] {
        var (frames, rest) = ([Frame](), text)
        while let found = rest.firstRange(of: separator) {
            frames.append(Frame(rest[..<found.lowerBound]))
            rest = rest[found.upperBound...]
        }
        return frames + [Frame(rest)]
    }

    private var load: Source {
        .load(
            topic: loadTopic,
            byteCount: size ?? max(Self.loadByteCount, minimumLoadByteCount),
            messageCount: count
        )
    }

    private var minimumLoadByteCount: Int {
        loadTopic.count + LoadMessage.recordByteCount
    }

    private var loadTopic: [UInt8] { commonTopic ?? Array("load.".utf8) }

    private static let loadByteCount = 64
    private static let loadByteCountMax = 64 << 20
}
