/// What a capture says besides its packets. Everything in it is bounded; what was left out is counted.
public struct CaptureContents: Sendable, Equatable {
    public var format = CaptureFormat.unknown
    public var interfaces: [CaptureInterface] = []
    public var packetCount = 0
    /// Octets of the uncompressed capture that were read.
    public var byteCount = 0
    /// In order of their place; the rest is in `noticeCounts`.
    public var notices: [CaptureNotice] = []
    /// All of each reason, in the order of `CaptureNotice.Reason.allCases`.
    public var noticeCounts = [Int](repeating: 0, count: CaptureNotice.Reason.allCases.count)
    /// Octets that all notices together passed over.
    public var skippedByteCount = 0
    /// Comments of sections, interfaces and packets.
    public var comments: [String] = []
    public var omittedCommentCount = 0
    /// From name resolution blocks.
    public var names: [IPAddress: String] = [:]

    public init() {}

    /// Whether all of the capture was read and understood.
    public var isWhole: Bool { noticeCounts.allSatisfy { $0 == 0 } }

    public func count(of reason: CaptureNotice.Reason) -> Int {
        CaptureNotice.Reason.allCases.firstIndex(of: reason).map { noticeCounts[$0] } ?? 0
    }

    mutating func note(_ reason: CaptureNotice.Reason, offset: Int, byteCount: Int) {
        skippedByteCount += byteCount
        if let index = CaptureNotice.Reason.allCases.firstIndex(of: reason) {
            noticeCounts[index] += 1
        }
        guard notices.count < Self.noticeCountMax else { return }
        notices.append(CaptureNotice(reason: reason, offset: offset, byteCount: byteCount))
    }

    mutating func addComment(_ text: String) {
        if comments.count < Self.commentCountMax {
            comments.append(text)
        } else {
            omittedCommentCount += 1
        }
    }

    mutating func addName(_ name: String, of address: IPAddress) {
        guard names.count < Self.nameCountMax || names[address] != nil else { return }
        names[address] = name
    }

    static let noticeCountMax = 100
    static let commentCountMax = 100
    static let nameCountMax = 10_000
    /// Of a comment, name or filter.
    static let textByteCountMax = 4096
}
