/// One TCP connection as seen at one interface of one capture, and the ZMTP inside.
public struct SessionReport: Sendable {
    public enum Opening: String, Sendable {
        /// The capture has its SYN and the answer.
        case seen
        /// It was open before the capture began.
        case midstream
        /// The answer to its SYN was RST.
        case refused
        /// Its SYN had no answer.
        case unanswered
    }

    public enum Ending: String, Sendable {
        /// Open when the capture ended.
        case open
        case finished
        case reset
    }

    public enum Content: String, Sendable {
        /// Nothing was sent yet, or too little to say.
        case undecided
        case zmtp
        /// Something else, or ZMTP from the middle that could not be recognised for sure.
        case foreign
    }

    public var capture: Int
    public var interface: Int
    /// Who connected; when the capture lacks the start, who has the higher port.
    public var client: SocketAddress
    public var server: SocketAddress
    public var opening: Opening
    public var ending: Ending
    public var firstNanoseconds: Int64
    public var lastNanoseconds: Int64
    public var content: Content
    /// Why ZMTP did not come about, or stopped making sense; as one sentence.
    public var complaint: String?
    public var fromClient: SessionSide
    public var fromServer: SessionSide
}

/// What one side of a connection sent.
public struct SessionSide: Sendable {
    public var tcp = TCPReport()
    /// `nil` when it is not ZMTP.
    public var zmtp: ZMTPReport?
}

/// Segments and octets of one direction.
public struct TCPReport: Sendable, Equatable {
    public var segmentCount = 0
    /// Octets of payload, each counted once.
    public var byteCount = 0
    /// Segments that brought nothing new.
    public var retransmissionCount = 0
    public var retransmittedByteCount = 0
    /// Segments that filled a hole late, when it was surely a retransmission.
    public var repairCount = 0
    /// Segments that came after a later one and too soon to be a retransmission.
    public var reorderedCount = 0
    /// Segments seen twice within a moment: the capture has two copies of everything.
    public var doubledCount = 0
    /// Octets that the receiver acknowledged and the capture lacks: the capture lost them, not the network.
    public var missingByteCount = 0
    public var gapCount = 0
    /// Octets that the capture's snap length cut off.
    public var cutByteCount = 0
    /// Times this side closed its receive window, and how long that lasted.
    public var zeroWindowCount = 0
    public var zeroWindowNanoseconds: Int64 = 0
    /// The longest time that data waited for its retransmission to be acknowledged.
    public var stallNanosecondsMax: Int64 = 0
    public var keepAliveCount = 0

    public init() {}

    /// The capture has every octet.
    var isWhole: Bool { missingByteCount == 0 && cutByteCount == 0 }
}

/// What one side of a ZMTP connection said.
public struct ZMTPReport: Sendable {
    public struct Property: Sendable, Equatable {
        public var name: String
        /// Printable; what is not is written as `\xHH`.
        public var value: String
    }

    public struct Subscription: Sendable, Equatable {
        public var topic: String
        public var subscribeCount = 0
        public var cancelCount = 0
    }

    /// `1.0`, `2.0`, `3.0`, `3.1`; `2.0 or later` when the greeting was not captured.
    public var version = ""
    /// `NULL`, `PLAIN`, `CURVE` …; `nil` before 3.0, which has none, and where it was not captured.
    public var mechanism: String?
    public var isMechanismServer = false
    /// `PUB` …, as READY or ZMTP 2.0's greeting says.
    public var socketType: String?
    public var identity: String?
    /// READY's other properties, in the order of the wire; the first of them.
    public var properties: [Property] = []
    /// Names of the commands before the first message, in order: `READY`, or CURVE's `HELLO`, `INITIATE`.
    public var handshake: [String] = []
    public var isReady = false
    public var isEncrypted = false

    public var messageCount = 0
    public var frameCount = 0
    /// Octets of the bodies of all frames of all messages.
    public var byteCount = 0
    public var byteCountMin = 0
    public var byteCountMax = 0
    public var multipartCount = 0
    /// Messages that the capture has only in part.
    public var brokenCount = 0
    /// Frames whose content is encrypted: messages, and under CURVE also subscriptions and heartbeats.
    public var encryptedFrameCount = 0
    public var encryptedByteCount = 0
    public var firstMessageNanoseconds: Int64?
    public var lastMessageNanoseconds: Int64?

    public var topics: [TopicCount] = []
    /// There were more topics than fit; the counts are then estimates from below.
    public var hasMoreTopics = false
    public var subscriptions: [Subscription] = []
    public var leftOutSubscriptionCount = 0
    public var subscribeCount = 0
    public var cancelCount = 0
    /// `true` when subscriptions came as SUBSCRIBE and CANCEL (3.1), `false` as messages.
    public var usesSubscriptionCommands = false

    public var pingCount = 0
    public var pongCount = 0
    /// From this side's PING to the answer, as seen where the capture was taken.
    public var heartbeat = LogHistogram()
    /// Reasons of ERROR commands; the first of them.
    public var errors: [String] = []
    public var errorCount = 0
    public var unknownCommandCount = 0
    /// Times reading lost its place in the stream and found it again.
    public var resynchronisationCount = 0
    /// Octets passed over until frames, and then a message, were found.
    public var skippedByteCount = 0
    /// Where frames were found in mid-flow: chance would look like the least certain of these findings once in two to this
    /// power; `nil` when the stream was read from its beginning.
    public var certaintyBits: Int?

    public init() {}
}

public struct TopicCount: Sendable, Equatable {
    public var text: String
    public var count: Int

    public init(text: String, count: Int) {
        self.text = text
        self.count = count
    }
}
