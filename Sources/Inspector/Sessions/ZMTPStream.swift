import Rendering
import Wire
import ZMTP

/// What one side of a connection sends, read as ZMTP of any version.
///
///     greeting ─ signature, both revisions known ──▶ frames ◀──┐ found
///        │  └── no signature: 1.0 or something else ──▶        │
///        └──── neither ──▶ foreign                 gap ──▶ searching
///                                                        └── nothing found ──▶ foreign
///
/// Which framing follows the greeting depends on the other side's greeting too (RFC 23 "Version negotiation"), so a side
/// may have to wait for its peer; the octets it holds meanwhile are bounded.
///
/// Nothing is kept of a message but counts, its digest when somebody asks for it, and the first octets of its topic.
final class ZMTPStream {
    enum Phase: Equatable {
        case greeting
        case searching
        case frames(ZMTPSearch.Format)
        case foreign
    }

    /// How a side begins.
    enum Beginning: Equatable {
        case unknown
        /// ZMTP 1.0 without a signature.
        case unversioned
        case signature
        case revision(UInt8)
    }

    enum Role { case unknown, publisher, subscriber, other }

    let isClient: Bool
    private(set) var isMidstream: Bool
    let sink: MessageSink?
    /// The other side; both belong to one connection, which outlives neither.
    unowned(unsafe) var peer: ZMTPStream?

    var report = ZMTPReport()
    var complaint: String?
    var phase: Phase
    var role = Role.unknown

    // Octets that cannot be read yet.
    var held: [UInt8] = []
    private var searchedByteCount = 0
    private var failedSearchCount = 0
    private var wasFound = false

    // The frame under way.
    var header = FrameHeaderBytes()
    var bodyRemaining = 0
    var flags: UInt8 = 0
    var isInBody = false
    var purpose = FramePurpose.message
    /// Of the message under way: frames so far, octets so far, whether part of it is not there.
    var messageFrameCount = 0
    var messageByteCount = 0
    var isBroken = false
    var expectsIdentity = false
    /// The body of a command, a subscription or the identity, when it comes in pieces; bounded.
    var collected: [UInt8] = []
    var topicBytes: [UInt8] = []
    var tally = TopicTally()
    var subscriptionIndexes: [[UInt8]: Int] = [:]
    var openPings: [(context: [UInt8], nanoseconds: Int64)] = []

    // The segment under way.
    var nanoseconds: Int64 = 0
    var isRepair = false

    init(isClient: Bool, isMidstream: Bool, sink: MessageSink?) {
        self.isClient = isClient
        self.isMidstream = isMidstream
        self.sink = sink
        phase = isMidstream ? .searching : .greeting
    }

    var isZMTP: Bool { if case .frames = phase { true } else { wasFound } }
    var isForeign: Bool { phase == .foreign }

    /// The next octets of the stream.
    func consume(_ bytes: UnsafeRawBufferPointer, at nanoseconds: Int64, isRepair: Bool) {
        guard bytes.count > 0 else { return }
        self.nanoseconds = nanoseconds
        self.isRepair = isRepair
        switch phase {
        case .foreign: return
        case .frames(let format): readFrames(bytes, format)
        case .greeting:
            held.append(contentsOf: bytes)
            readGreeting()
        case .searching:
            held.append(contentsOf: bytes)
            search()
        }
    }

    /// Octets that the capture lacks.
    func lose(_ byteCount: Int) {
        guard phase != .foreign else { return }
        sink?.handleGap()
        if case .frames = phase, isInBody, byteCount <= bodyRemaining {
            // All of it is body: the next frame's place is known.
            isBroken = true
            bodyRemaining -= byteCount
            collected = []
            if purpose != .message { purpose = .skipped }
            if bodyRemaining == 0 { endFrame() }
            return
        }
        forgetFrame()
        held = []
        searchedByteCount = 0
        phase = .searching
    }

    /// The connection is over, or the capture.
    func finish() {
        if phase == .searching, !held.isEmpty { search(isExhausted: true) }
        report.topics = tally.top(20)
        report.hasMoreTopics = tally.hasMore || tally.distinctCount > 20
    }

    /// The peer said something new: what waited for it may be read now.
    func handlePeerProgress() {
        if phase == .greeting, !held.isEmpty { readGreeting() }
    }

    /// Leaves the frame under way, and the message it belongs to, as broken.
    private func forgetFrame() {
        if messageFrameCount > 0 || (isInBody && purpose == .message) { report.brokenCount += 1 }
        header = FrameHeaderBytes()
        isInBody = false
        bodyRemaining = 0
        messageFrameCount = 0
        messageByteCount = 0
        isBroken = false
        collected = []
        topicBytes = []
        sink?.abandonMessage()
    }

    /// The framing is broken here.
    func handleViolation(_ text: String) {
        forgetFrame()
        held = []
        guard wasFound, failedSearchCount < 8 else {
            if complaint == nil { complaint = text }
            phase = .foreign
            return
        }
        failedSearchCount += 1
        searchedByteCount = 0
        phase = .searching
        sink?.handleGap()
    }
}

// MARK: - Searching

extension ZMTPStream {
    /// A greeting of 2.0 or later, before which only the connection's opening is missing.
    private var hasSignature: Bool {
        !wasFound && held.count >= 10 && held[0] == 0xFF && held[9] == 0x7F
            && held[1..<8].allSatisfy { $0 == 0 }
    }

    private func search(isExhausted: Bool = false) {
        if isMidstream, hasSignature {
            isMidstream = false
            phase = .greeting
            return readGreeting()
        }
        let isFull = held.count >= Self.heldByteCountMax
        // Looking again is worth it only when there is much more to look at.
        guard isExhausted || isFull || held.count >= searchedByteCount + searchedByteCount / 2
        else { return }
        searchedByteCount = held.count
        let found = held.withUnsafeBytes { bytes -> (ZMTPSearch.Format, Int)? in
            let isLast = isExhausted || isFull
            if isMidstream || report.version != "1.0",
                let start = ZMTPSearch.start(in: bytes, format: .v2, isExhausted: isLast)
            {
                return (.v2, start)
            }
            if isMidstream || report.version == "1.0",
                let start = ZMTPSearch.start(in: bytes, format: .v1, isExhausted: isLast)
            {
                return (.v1, start)
            }
            return nil
        }
        guard let (format, start) = found else {
            guard isFull else { return }
            held = []
            searchedByteCount = 0
            failedSearchCount += 1
            if failedSearchCount >= 8 { phase = .foreign }
            return
        }
        if wasFound || !isMidstream { report.resynchronisationCount += 1 }
        if report.version.isEmpty { report.version = format == .v1 ? "1.0" : "2.0 or later" }
        beginFrames(format, dropping: start)
    }

    /// From `count` octets on, what is held is frames.
    func beginFrames(_ format: ZMTPSearch.Format, dropping count: Int) {
        let rest = held
        held = []
        wasFound = true
        phase = .frames(format)
        rest.withUnsafeBytes {
            readFrames(UnsafeRawBufferPointer(rebasing: $0.dropFirst(count)), format)
        }
    }

    static let heldByteCountMax = 1 << 16
}

// MARK: - Greeting

extension ZMTPStream {
    var beginning: Beginning {
        guard phase == .greeting else {
            if report.version == "1.0" { return .unversioned }
            return report.version.isEmpty ? .unknown : .revision(revision)
        }
        guard let first = held.first else { return .unknown }
        guard first == 0xFF else { return .unversioned }
        guard held.count >= 10 else { return .unknown }
        // An even octet here is the flags of a long identity frame of ZMTP 1.0.
        guard held[9] & 1 == 1 else { return .unversioned }
        return held.count >= 11 ? .revision(held[10]) : .signature
    }

    private var revision: UInt8 { report.version == "2.0" ? 1 : 3 }

    func readGreeting() {
        switch beginning {
        case .unknown: return
        case .unversioned: readUnversioned()
        case .signature:
            if peer?.beginning == .unversioned { readDowngraded() }
        case .revision(let own):
            readVersioned(own)
        }
        if held.count > Self.heldByteCountMax { phase = .foreign }
    }

    private func readVersioned(_ own: UInt8) {
        let others: UInt8
        switch peer?.beginning {
        case .unversioned: return readDowngraded()
        case .revision(let revision): others = revision
        default:
            // The other side is not captured, or has not spoken: a whole greeting of 3.x speaks for itself.
            guard own < 3 || held.count >= Greeting.byteCount else { return }
            others = own
        }
        let effective = min(own, others)
        guard effective < 3 else { return readGreeting3() }
        guard held.count >= 12 else { return }
        report.version = effective == 0 ? "1.0" : "2.0"
        report.socketType = SocketType(revision2Number: held[11])?.rawValue
        setRole()
        expectsIdentity = true
        beginFrames(effective == 0 ? .v1 : .v2, dropping: 12)
    }

    private func readGreeting3() {
        guard held.count >= Greeting.byteCount else { return }
        let mechanism = held[12..<32].prefix { $0 != 0 }
        guard !mechanism.isEmpty, mechanism.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            complaint = "the greeting is malformed: it names no mechanism"
            phase = .foreign
            return
        }
        report.version = "\(held[10]).\(held[11])"
        report.mechanism = String(decoding: mechanism, as: UTF8.self)
        report.isMechanismServer = held[32] == 1
        if report.mechanism == "CURVE" || report.mechanism == "GSSAPI" {
            report.isEncrypted = true
            sink?.handleEncryption()
        }
        beginFrames(.v2, dropping: Greeting.byteCount)
    }

    /// The peer is of version 1.0 without a signature: to it our signature is the head of our identity frame.
    private func readDowngraded() {
        guard held.count >= 10 else { return }
        let length = held.withUnsafeBytes { BigEndian.loadUInt64($0, at: 1) }
        guard length >= 1, length <= 256 else {
            phase = .foreign
            return
        }
        let end = 10 + Int(length) - 1
        guard held.count >= end else { return }
        report.version = "1.0"
        if end > 10 { report.identity = PrintableText.text(held[10..<end]) }
        beginFrames(.v1, dropping: end)
        peer?.handlePeerProgress()
    }

    /// Without a signature anything may be ZMTP 1.0, so what is there must look like it.
    private func readUnversioned() {
        guard let chain = held.withUnsafeBytes({ ZMTPSearch.oldChain($0) }) else {
            phase = .foreign
            return
        }
        let isCertain: Bool
        switch peer?.beginning {
        case .signature, .revision: isCertain = true
        case .unversioned: isCertain = chain.frameCount >= 2
        default: isCertain = chain.frameCount >= 6
        }
        guard isCertain else { return }
        report.version = "1.0"
        expectsIdentity = true
        beginFrames(.v1, dropping: 0)
        peer?.handlePeerProgress()
    }

    /// What a socket type makes of this side, and of the other.
    func setRole() {
        switch report.socketType {
        case "PUB", "XPUB":
            role = .publisher
            if peer?.role == .unknown { peer?.role = .subscriber }
            sink?.handlePublishing()
        case "SUB", "XSUB":
            role = .subscriber
            if peer?.role == .unknown { peer?.role = .publisher }
            peer?.sink?.handlePublishing()
        case .some: role = .other
        case nil: break
        }
    }
}
