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
            var made = messages.map { message(of: $0) }
            if !frames.isEmpty { made.append(Message(topicFrames + frames.map { Frame($0) })) }
            return .messages(made)
        }
        if size != nil || count != nil { return load }
        if !isTerminal { return .lines(path: nil) }
        if rate > 0 { return load }
        throw .badInput(
            "nothing to publish: give messages, --file, or a synthetic load such as --rate 1000 --count 10000"
        )
    }

    /// A message of this text, with the topic before it and cut at the separator.
    func message(of text: some StringProtocol) -> Message {
        guard let separator else { return Message(topicFrames + [Frame(String(text))]) }
        return Message(topicFrames + text.split(separator: separator, omittingEmpty: false))
    }

    /// The same for a line, which need not be text.
    func message(ofLine line: ArraySlice<UInt8>) -> Message {
        if separator != nil { return message(of: String(decoding: line, as: UTF8.self)) }
        if topic == nil { return line.withUnsafeBytes { Message($0) } }
        return Message(topicFrames + [Frame(line)])
    }

    /// The topic all messages have, if that is known.
    var commonTopic: [UInt8]? { topic.map { Array($0.utf8) } }

    private var topicFrames: [Frame] { topic.map { [Frame($0)] } ?? [] }

    private var load: Source {
        let topic = topic ?? Self.loadTopic
        return .load(
            topic: Array(topic.utf8),
            byteCount: size ?? max(Self.loadByteCount, minimumLoadByteCount),
            messageCount: count
        )
    }

    private var minimumLoadByteCount: Int {
        (topic ?? Self.loadTopic).utf8.count + LoadMessage.recordByteCount
    }

    private static let loadTopic = "load."
    private static let loadByteCount = 64
    private static let loadByteCountMax = 64 << 20
}

extension StringProtocol {
    fileprivate func split(separator: String, omittingEmpty: Bool) -> [Frame] {
        split(separator: separator, maxSplits: .max, omittingEmptySubsequences: omittingEmpty)
            .map { Frame(String($0)) }
    }
}
