/// What one side of a connection sends, read as ZMTP of any version.
///
///     greeting ─ signature, both revisions known ──▶ frames ◀──┐ found
///        │  └── no signature: 1.0 or something else ──▶        │
///        └──── neither ──▶ foreign                 gap ──▶ searching
///                                                        └── nothing found ──▶ foreign
///
/// Frames that were found by a search are believed until they contradict themselves: then all that was read since is taken
/// back. A command proves them. Where frames are found is not yet where a message begins, so the first message is passed over.
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

    private(set) var isMidstream: Bool
    let sink: MessageSink?
    /// The other side; both belong to one connection, which outlives neither.
    unowned(unsafe) var peer: ZMTPStream?

    private(set) var phase: Phase
    private(set) var complaint: String?
    var facts: SideFacts

    /// Octets that cannot be read yet.
    private var held: [UInt8] = []
    private var frameSearch = FrameSearch()
    private var wasFound = false
    /// What to return to should the frames that were found be none; `nil` when they are certain.
    var provision: Provision?
    /// The next frame may be in the middle of a message.
    var isWithinUnknownMessage = false

    // The frame and the message under way.
    var frames = FrameReader()
    var message = MessageProgress()
    var purpose = FramePurpose.message
    var isIdentityNext = false
    /// The body of a command, a subscription or the identity, when it comes in pieces; bounded.
    var collected: [UInt8] = []

    // The segment under way.
    private(set) var nanoseconds: Int64 = 0
    private(set) var isRepair = false

    /// What was known before frames were found, and how much was read since.
    struct Provision {
        let facts: SideFacts
        let mark: MessageSink.Mark?
        let wasFoundBefore: Bool
        var frameCount = 0
        var byteCount = 0
    }

    init(isMidstream: Bool, sink: MessageSink?) {
        self.isMidstream = isMidstream
        self.sink = sink
        facts = SideFacts(sink: sink)
        phase = isMidstream ? .searching : .greeting
    }

    var report: ZMTPReport { facts.report }
    var isZMTP: Bool { if case .frames = phase { true } else { wasFound } }
    var isForeign: Bool { phase == .foreign }

    /// The next octets of the stream.
    func consume(_ bytes: UnsafeRawBufferPointer, at nanoseconds: Int64, isRepair: Bool) {
        guard bytes.count > 0 else { return }
        self.nanoseconds = nanoseconds
        self.isRepair = isRepair
        switch phase {
        case .foreign: return
        case .frames(let format):
            provision?.byteCount += bytes.count
            readFrames(bytes, format)
        case .greeting:
            held.append(contentsOf: bytes)
            readGreeting()
        case .searching:
            frameSearch.handleSegment(at: held.count)
            held.append(contentsOf: bytes)
            search(isExhausted: false)
        }
    }

    /// Octets that the capture lacks.
    func lose(_ byteCount: Int) {
        guard phase != .foreign else { return }
        sink?.handleGap()
        peer?.facts.forgetPings()
        if case .frames = phase, frames.skipBody(byteCount) { return breakFrame() }
        forgetFrame()
        facts.countSkipped(held.count)
        held = []
        // What was read in front of the gap did not contradict itself.
        provision = nil
        frameSearch.restart()
        phase = .searching
    }

    /// The connection is over, or the capture.
    func finish() {
        if phase == .searching, !held.isEmpty { search(isExhausted: true) }
        facts.finish()
    }

    /// The peer said something new: what waited for it may be read now.
    func handlePeerProgress() {
        if phase == .greeting, !held.isEmpty { readGreeting() }
    }

    /// The framing is broken here.
    func handleViolation(_ violation: FrameReader.Violation) {
        forgetFrame()
        held = []
        takeBack()
        guard !frameSearch.isHopeless else {
            // What was found in mid-flow never was what it seemed; that is nobody's fault.
            if wasFound, !isMidstream, complaint == nil { complaint = violation.text }
            phase = .foreign
            return
        }
        frameSearch.handleFailure()
        phase = .searching
        sink?.handleGap()
    }

    /// The frames that were found are none: nothing of what they seemed to say was said.
    private func takeBack() {
        guard let provision else { return }
        self.provision = nil
        facts = provision.facts
        facts.countSkipped(provision.byteCount)
        wasFound = provision.wasFoundBefore
        if let mark = provision.mark { sink?.rewind(to: mark) }
    }

    /// From `count` octets on, what is held is frames.
    private func beginFrames(_ format: ZMTPSearch.Format, dropping count: Int) {
        let rest = held
        held = []
        wasFound = true
        phase = .frames(format)
        rest.withUnsafeBytes {
            readFrames(UnsafeRawBufferPointer(rebasing: $0.dropFirst(count)), format)
        }
    }

    private static let heldByteCountMax = 1 << 16
}

// MARK: - Greeting

extension ZMTPStream {
    private var beginning: GreetingReader.Beginning {
        phase == .greeting
            ? GreetingReader.Beginning(of: held)
            : GreetingReader.Beginning(ofVersion: facts.report.version)
    }

    private func readGreeting() {
        let ours = beginning
        let theirs = peer?.beginning ?? .unknown
        switch GreetingReader.read(held, ours, peer: theirs) {
        case .undecided: if held.count > Self.heldByteCountMax { phase = .foreign }
        case .foreign(let complaint):
            self.complaint = complaint
            phase = .foreign
        case .greeting(let greeting):
            facts.handleGreeting(greeting)
            // Before 3.0 a peer has no properties to say who it is.
            if greeting.mechanism == nil { sink?.handleIntroduction() }
            sink?.handleReading(at: nanoseconds)
            settleRoles()
            isIdentityNext = greeting.isIdentityNext
            beginFrames(greeting.format, dropping: greeting.byteCount)
            // Until now the peer could not be sure that this side speaks 1.0.
            if ours == .unversioned || theirs == .unversioned { peer?.handlePeerProgress() }
        }
    }

    /// What a socket type makes of this side, and of the other.
    func settleRoles() {
        guard let role = facts.announcedRole else { return }
        facts.role = role
        switch role {
        case .publisher:
            if peer?.facts.role == .unknown { peer?.facts.role = .subscriber }
            sink?.handlePublishing()
        case .subscriber:
            if peer?.facts.role == .unknown { peer?.facts.role = .publisher }
            peer?.sink?.handlePublishing()
        case .other, .unknown: break
        }
    }
}

// MARK: - Searching

extension ZMTPStream {
    /// A greeting of 2.0 or later, before which only the connection's opening is missing.
    private var hasSignature: Bool {
        !wasFound && held.count >= 10 && held[0] == 0xFF && held[9] == 0x7F
            && held[1..<8].allSatisfy { $0 == 0 }
    }

    /// The only framing there can be; `nil` while any can.
    private var knownFormat: ZMTPSearch.Format? {
        isMidstream ? nil : facts.report.version == "1.0" ? .v1 : .v2
    }

    private func search(isExhausted: Bool) {
        if isMidstream, hasSignature {
            isMidstream = false
            phase = .greeting
            sink?.handleBeginning()
            return readGreeting()
        }
        switch frameSearch.find(in: held, knownFormat, isExhausted: isExhausted) {
        case .undecided: return
        case .failed:
            facts.countSkipped(held.count)
            held = []
            if frameSearch.isHopeless { phase = .foreign }
        case .found(let format, let finding):
            provision = Provision(
                facts: facts,
                mark: sink?.mark(),
                wasFoundBefore: wasFound,
                byteCount: held.count - finding.start
            )
            facts.countSkipped(finding.start)
            facts.handleFrames(
                format,
                finding,
                isResynchronisation: wasFound || !isMidstream
            )
            peer?.facts.forgetPings()
            frameSearch.restart()
            isWithinUnknownMessage = true
            beginFrames(format, dropping: finding.start)
        }
    }
}
