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
    /// Packets of which more octets were kept than their record says there were.
    public var excessLengthCount = 0
    /// Of a capture that was written in several files: their names, in order. Empty when it is one.
    public var files: [String] = []
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

    /// A live capture of one interface begins.
    public mutating func begin(
        live name: String,
        _ linkType: LinkType,
        snapLength: Int,
        _ filter: String?
    ) {
        format = .live
        var interface = CaptureInterface(linkType: linkType, snapLength: snapLength)
        interface.name = name
        interface.filter = filter
        interfaces = [interface]
    }

    /// Counts a packet of the only interface, and gives it the form of those that are read from files.
    public mutating func packet(
        seconds: Int64,
        nanoseconds: Int64,
        linkType: LinkType,
        originalByteCount: Int,
        bytes: UnsafeRawBufferPointer
    ) -> CapturedPacket {
        packetCount += 1
        interfaces[0].packetCount += 1
        if originalByteCount > bytes.count { interfaces[0].cutPacketCount += 1 }
        return CapturedPacket(
            number: packetCount,
            nanoseconds: seconds &* 1_000_000_000 &+ nanoseconds,
            interface: 0,
            linkType: linkType,
            originalByteCount: max(originalByteCount, bytes.count),
            bytes: bytes
        )
    }

    /// What the kernel counts of the only interface, since the capture began.
    public mutating func setDrops(_ drops: CaptureDrops) {
        interfaces[0].drops = drops
    }

    static let noticeCountMax = 100
    static let commentCountMax = 100
    static let nameCountMax = 10_000
    /// Of a comment, name or filter.
    static let textByteCountMax = 4096
}
