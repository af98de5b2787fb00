/// How much may wait for one peer before the overflow policy decides: at least one message and one octet, a smaller limit counts as one.
public struct QueueLimit: Equatable, Sendable {
    public var messageCount: Int
    public var byteCount: Int

    public init(messageCount: Int = 100_000, byteCount: Int = 64 << 20) {
        self.messageCount = max(1, messageCount)
        self.byteCount = max(1, byteCount)
    }

    public static let unlimited = QueueLimit(messageCount: .max, byteCount: .max)
}
