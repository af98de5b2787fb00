import Wire

/// How a subscription travels: as a command to ZMTP 3.1 peers, as a message to older ones (RFC 37, RFC 23).
public enum SubscriptionForm: Sendable {
    /// `SUBSCRIBE` and `CANCEL` commands.
    case command
    /// Messages whose first octet is 1 (subscribe) or 0 (cancel).
    case message

    /// Appends one subscription or cancellation frame.
    public func append(
        topic: UnsafeRawBufferPointer,
        isSubscribe: Bool,
        to bytes: inout [UInt8]
    ) {
        switch self {
        case .command:
            let name: StaticString = isSubscribe ? "SUBSCRIBE" : "CANCEL"
            let prefixByteCount = 1 + name.utf8CodeUnitCount
            FrameHeader.appendHeader(
                bodyByteCount: prefixByteCount + topic.count,
                isCommand: true,
                to: &bytes
            )
            bytes.append(UInt8(name.utf8CodeUnitCount))
            bytes.append(
                contentsOf: UnsafeBufferPointer(
                    start: name.utf8Start,
                    count: name.utf8CodeUnitCount
                )
            )
        case .message:
            FrameHeader.appendHeader(bodyByteCount: 1 + topic.count, to: &bytes)
            bytes.append(isSubscribe ? 1 : 0)
        }
        bytes.append(contentsOf: topic)
    }
}
