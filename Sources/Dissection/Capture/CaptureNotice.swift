/// What could not be read of a capture, where, and why.
public struct CaptureNotice: Sendable, Equatable {
    public enum Reason: String, Sendable, CaseIterable {
        case noCapture = "no-capture"
        case truncated = "truncated"
        case corruptRecord = "corrupt-record"
        case corruptBlock = "corrupt-block"
        case oversizedBlock = "oversized-block"
        case badPacketBlock = "bad-packet-block"
        case unknownInterface = "unknown-interface"
        case tooManyInterfaces = "too-many-interfaces"
        case missingTimestamps = "missing-timestamps"
        case timestampOutOfRange = "timestamp-out-of-range"
        case truncatedCompression = "truncated-compression"
        case corruptCompression = "corrupt-compression"
        case trailingOctets = "trailing-octets"

        public var text: String {
            switch self {
            case .noCapture: "neither pcap nor pcapng"
            case .truncated: "the capture ends in the middle of a packet or block"
            case .corruptRecord: "not a packet record; reading goes on where records fit again"
            case .corruptBlock: "not a block; reading goes on at the next whole block"
            case .oversizedBlock: "a block larger than any reader accepts"
            case .badPacketBlock: "a packet block whose lengths contradict each other"
            case .unknownInterface: "a packet of an interface that is not described"
            case .tooManyInterfaces: "more interfaces than are kept"
            case .missingTimestamps: "packets without a time; they get that of the packet before"
            case .timestampOutOfRange:
                "a time that no clock shows; it gets that of the packet before"
            case .truncatedCompression: "the compressed stream ends too early"
            case .corruptCompression: "the compressed stream is damaged; the rest cannot be read"
            case .trailingOctets: "something else follows the compressed stream"
            }
        }
    }

    public var reason: Reason
    /// Of the first octet concerned, in the uncompressed capture.
    public var offset: Int
    /// Octets that were passed over.
    public var byteCount: Int

    public init(reason: Reason, offset: Int, byteCount: Int) {
        self.reason = reason
        self.offset = offset
        self.byteCount = byteCount
    }

    /// `offset 1024: 56 octets skipped: …`.
    public var text: String {
        let skipped = byteCount == 0 ? "" : "\(byteCount) octets skipped: "
        return "offset \(offset): \(skipped)\(reason.text)"
    }
}
