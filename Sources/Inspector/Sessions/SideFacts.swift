import Rendering
import ZMTP

/// What one side of a connection has said so far: handshake, commands, subscriptions, and counts of messages.
struct SideFacts {
    enum Role { case unknown, publisher, subscriber, other }

    /// What a command means for more than the side that sent it.
    enum News {
        case none
        /// Socket type and properties are known; the last two are those of a Xylem node.
        case metadata(node: String?, tree: String?)
        case pong(context: [UInt8])
    }

    private(set) var report = ZMTPReport()
    var role = Role.unknown
    private var tally = TopicTally()
    private var subscriptions = SubscriptionTable()
    private var openPings = OpenPings()
    private let sink: MessageSink?

    init(sink: MessageSink?) { self.sink = sink }

    /// What the socket type says of the role; `nil` while it is not known.
    var announcedRole: Role? {
        switch report.socketType {
        case "PUB", "XPUB": .publisher
        case "SUB", "XSUB": .subscriber
        case .some: .other
        case nil: nil
        }
    }

    /// Nothing more will be said.
    mutating func finish() {
        report.topics = tally.top(Self.topicCountMax)
        report.hasMoreTopics = tally.hasMore || tally.distinctCount > Self.topicCountMax
    }

    private static let topicCountMax = 20
    private static let propertyCountMax = 32
    private static let keptCountMax = 8
    /// Names that may come at any time after the handshake.
    private static let traffic: Set<String> = ["SUBSCRIBE", "CANCEL", "PING", "PONG", "MESSAGE"]
}

// MARK: - Opening

extension SideFacts {
    mutating func handleGreeting(_ greeting: GreetingReader.Facts) {
        report.version = greeting.version
        report.mechanism = greeting.mechanism
        report.isMechanismServer = greeting.isMechanismServer
        report.socketType = greeting.socketType
        report.identity = greeting.identity
        if greeting.mechanism == "CURVE" || greeting.mechanism == "GSSAPI" { handleEncryption() }
    }

    /// Frames were found in the middle of the stream.
    mutating func handleFrames(
        _ format: ZMTPSearch.Format,
        _ finding: FrameChains.Finding,
        isResynchronisation: Bool
    ) {
        if isResynchronisation { report.resynchronisationCount += 1 }
        report.certaintyBits = min(report.certaintyBits ?? .max, finding.bits)
        if report.version.isEmpty { report.version = format == .v1 ? "1.0" : "2.0 or later" }
    }

    /// Octets that could not be read, because where frames or messages begin was not known.
    mutating func countSkipped(_ byteCount: Int) { report.skippedByteCount += byteCount }

    /// The identity frame of ZMTP before 3.0.
    mutating func handleIdentity(_ body: UnsafeRawBufferPointer) {
        if body.count > 0 { report.identity = PrintableText.text(body) }
    }

    private mutating func handleEncryption() {
        guard !report.isEncrypted else { return }
        report.isEncrypted = true
        sink?.handleEncryption()
    }
}

// MARK: - Commands

extension SideFacts {
    mutating func handleCommand(_ body: UnsafeRawBufferPointer, at nanoseconds: Int64) -> News {
        let nameByteCount = body.first.map(Int.init) ?? 0
        guard nameByteCount > 0, nameByteCount < body.count
        else {
            report.unknownCommandCount += 1
            return .none
        }
        let name = PrintableText.text(body[1..<1 + nameByteCount])
        if name == "MESSAGE" {
            handleEncryption()
            countEncrypted(frameCount: 1, byteCount: body.count)
            return .none
        }
        if report.messageCount == 0, report.handshake.count < Self.keptCountMax,
            !Self.traffic.contains(name)
        {
            report.handshake.append(name)
        }
        if report.isEncrypted, name != "ERROR" {
            // What these carry is sealed; that they were sent is all that can be known.
            if name == "READY" || name == "INITIATE" { report.isReady = true }
            return .none
        }
        let data = UnsafeRawBufferPointer(rebasing: body[(1 + nameByteCount)...])
        switch name {
        case "INITIATE": return handleMetadata(data)
        case "HELLO": handleHello(data)
        case "WELCOME": break
        default: return handlePlain(body, data, name: name, at: nanoseconds)
        }
        return .none
    }

    private mutating func handlePlain(
        _ body: UnsafeRawBufferPointer,
        _ data: UnsafeRawBufferPointer,
        name: String,
        at nanoseconds: Int64
    ) -> News {
        let part = { (range: Range<Int>) in UnsafeRawBufferPointer(rebasing: body[range]) }
        switch Command(body: body) {
        case .ready: return handleMetadata(data)
        case .error(let reason): handleError(part(reason))
        case .subscribe(let topic):
            report.usesSubscriptionCommands = true
            handleSubscription(part(topic), isSubscribe: true, at: nanoseconds)
        case .cancel(let topic):
            report.usesSubscriptionCommands = true
            handleSubscription(part(topic), isSubscribe: false, at: nanoseconds)
        case .ping(_, let context):
            report.pingCount += 1
            openPings.append(Array(part(context)), at: nanoseconds)
        case .pong(let context):
            report.pongCount += 1
            return .pong(context: Array(part(context)))
        case .malformed where name == "ERROR": handleError(data)
        case .join, .leave, .unknown, .malformed: report.unknownCommandCount += 1
        }
        return .none
    }

    private mutating func handleError(_ reason: UnsafeRawBufferPointer) {
        report.errorCount += 1
        if report.errors.count < Self.keptCountMax {
            report.errors.append(PrintableText.text(reason))
        }
    }

    /// PLAIN's user name; the password behind it is not for reports.
    private mutating func handleHello(_ data: UnsafeRawBufferPointer) {
        guard let count = data.first.map(Int.init), count < data.count, report.properties.isEmpty
        else { return }
        report.properties.append(
            ZMTPReport.Property(
                name: "user (PLAIN)",
                value: PrintableText.text(data[1..<1 + count])
            )
        )
    }

    private mutating func handleMetadata(_ data: UnsafeRawBufferPointer) -> News {
        report.isReady = true
        var node: String?
        var tree: String?
        for property in MetadataProperties(data) {
            switch property.name.lowercased() {
            case "socket-type": report.socketType = property.value
            case "identity": if !property.value.isEmpty { report.identity = property.value }
            case let name:
                if name == "x-xylem-node" { node = property.value }
                if name == "x-xylem-tree" { tree = property.value }
                if report.properties.count < Self.propertyCountMax {
                    report.properties.append(property)
                }
            }
        }
        return .metadata(node: node, tree: tree)
    }

    /// Answers of the other side were not read for a while, so what is open may have been answered.
    mutating func forgetPings() { openPings = OpenPings() }

    /// The other side answers a PING of this one.
    mutating func handleAnswer(_ context: [UInt8], at nanoseconds: Int64) {
        guard let sent = openPings.close(context) else { return }
        report.heartbeat.record(nanoseconds &- sent)
    }

    mutating func handleSubscription(
        _ topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        at nanoseconds: Int64
    ) {
        if isSubscribe { report.subscribeCount += 1 } else { report.cancelCount += 1 }
        sink?.handleInterest(Array(topic), isSubscribe: isSubscribe, at: nanoseconds)
        subscriptions.record(topic, isSubscribe: isSubscribe, in: &report)
    }
}

// MARK: - Messages

extension SideFacts {
    mutating func countMessage(frameCount: Int, byteCount: Int, at nanoseconds: Int64) {
        if report.messageCount == 0 {
            report.firstMessageNanoseconds = nanoseconds
            report.byteCountMin = byteCount
        }
        report.messageCount += 1
        report.frameCount += frameCount
        report.byteCount = report.byteCount &+ byteCount
        report.byteCountMin = min(report.byteCountMin, byteCount)
        report.byteCountMax = max(report.byteCountMax, byteCount)
        if frameCount > 1 { report.multipartCount += 1 }
        report.lastMessageNanoseconds = nanoseconds
    }

    mutating func countBroken() { report.brokenCount += 1 }

    mutating func countEncrypted(frameCount: Int, byteCount: Int) {
        report.encryptedFrameCount += frameCount
        report.encryptedByteCount = report.encryptedByteCount &+ byteCount
    }

    /// - Parameters:
    ///   - body: of the message's first frame, or its beginning.
    ///   - isFollowed: more frames follow, so the first is the topic.
    mutating func countTopic(_ body: UnsafeRawBufferPointer, isFollowed: Bool) {
        guard role != .other else { return }
        if isFollowed { tally.add(body) } else { tally.addLeadingWord(of: body) }
    }

    /// Learns from a message's first frame whether the connection is CURVE's: libzmq does not mark its frames as commands.
    mutating func handleSeal(_ body: UnsafeRawBufferPointer) {
        guard !report.isEncrypted, report.mechanism == nil, body.count >= 8, body[0] == 7,
            body[1..<8].elementsEqual("MESSAGE".utf8)
        else { return }
        handleEncryption()
    }
}
