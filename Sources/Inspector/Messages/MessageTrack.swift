import PGM

/// One flow as one interface of one capture saw it: its messages in the order of their arrival, and what is known about the times in which
/// none were seen.
final class MessageTrack {
    /// 24 octets for a message, in blocks, so that growth never copies.
    struct Row {
        var hash: UInt64
        var nanoseconds: Int64
        var sequence: UInt32
        /// The lowest bit: repaired. The rest: the topic's id.
        var topicAndRepaired: UInt32

        var isRepaired: Bool { topicAndRepaired & 1 != 0 }
        var topic: Int { Int(topicAndRepaired >> 1) }
    }

    let flow: Int
    let tap: Tap
    private var blocks: [[Row]] = []
    private(set) var count = 0
    /// The capture lacks something between the message before the index and the one at it.
    private(set) var gaps: [Int] = []
    /// When the receiver is known to have been listening first, and when the flow ended.
    var startNanoseconds: Int64?
    var endNanoseconds: Int64?
    /// What the receiver subscribed to, when the capture shows it; bounded by `interestCountMax`.
    private(set) var interests: [Interest] = []
    /// Everything it subscribed to is in `interests`: the connection was seen from its start.
    var hasAllInterests = false
    /// The connection was seen from its start.
    var hasOpening = false
    /// It was open when the capture began.
    var isInMidflow: Bool { seenNanoseconds != nil && !hasOpening }
    /// When something of the connection was captured first and last, read or not.
    private(set) var seenNanoseconds: ClosedRange<Int64>?
    /// Since when messages are read; `nil` when where they begin was never known.
    var readNanoseconds: Int64?
    /// Over PGM: the first packet that could be seen here.
    var firstSequence: SequenceNumber?

    /// One topic prefix that the receiver asked for, and for how long.
    struct Interest {
        var prefix: [UInt8]
        var since: Int64
        /// `nil` while it lasts.
        var until: Int64?
    }

    /// A state to return to.
    struct Mark {
        fileprivate var count: Int
        fileprivate var gapCount: Int
        fileprivate var interests: [Interest]
        fileprivate var startNanoseconds: Int64?
        fileprivate var readNanoseconds: Int64?
    }

    init(flow: Int, tap: Tap) {
        self.flow = flow
        self.tap = tap
    }

    func append(_ row: Row) {
        if count & Self.blockMask == 0 {
            var block: [Row] = []
            // The first block starts small: most connections carry little.
            if count > 0 { block.reserveCapacity(Self.blockMask + 1) }
            blocks.append(block)
        }
        blocks[blocks.count - 1].append(row)
        count += 1
    }

    /// Notes a gap of the capture here. Many gaps between two messages are one.
    func appendGap() {
        if gaps.last != count { gaps.append(count) }
    }

    func handleInterest(_ prefix: [UInt8], isSubscribe: Bool, nanoseconds: Int64) {
        guard isSubscribe else {
            if let index = interests.lastIndex(where: { $0.until == nil && $0.prefix == prefix }) {
                interests[index].until = nanoseconds
            }
            return
        }
        guard interests.count < Self.interestCountMax else {
            hasAllInterests = false
            return
        }
        interests.append(Interest(prefix: prefix, since: nanoseconds))
    }

    func handleSegment(at nanoseconds: Int64) {
        guard let seen = seenNanoseconds else {
            seenNanoseconds = nanoseconds...nanoseconds
            return
        }
        seenNanoseconds =
            min(seen.lowerBound, nanoseconds)...max(seen.upperBound, nanoseconds)
    }

    var mark: Mark {
        Mark(
            count: count,
            gapCount: gaps.count,
            interests: interests,
            startNanoseconds: startNanoseconds,
            readNanoseconds: readNanoseconds
        )
    }

    /// Messages appended since are none.
    func rewindMessages(to mark: Mark) {
        guard mark.count <= count else { return }
        gaps.removeLast(max(0, gaps.count - mark.gapCount))
        readNanoseconds = mark.readNanoseconds
        let blockCount = (mark.count + Self.blockMask) >> Self.blockShift
        blocks.removeLast(blocks.count - blockCount)
        if let last = blocks.last {
            blocks[blockCount - 1].removeLast(
                last.count - (mark.count - (blockCount - 1) << Self.blockShift)
            )
        }
        count = mark.count
    }

    /// Subscriptions and cancellations noted since are none.
    func rewindInterests(to mark: Mark) {
        interests = mark.interests
        startNanoseconds = mark.startNanoseconds
    }

    subscript(index: Int) -> Row { blocks[index >> Self.blockShift][index & Self.blockMask] }

    /// The messages have been matched, and their memory may go.
    func releaseRows() {
        blocks = []
        count = 0
    }

    var first: Row? { count > 0 ? self[0] : nil }
    var last: Row? { count > 0 ? self[count - 1] : nil }

    private static let interestCountMax = 4096
    private static let blockShift = 12
    private static let blockMask = (1 << 12) - 1
}
