/// How much may wait for one peer before the overflow policy decides.
public struct QueueLimit: Equatable, Sendable {
    public var messageCount: Int
    public var byteCount: Int

    public init(messageCount: Int = 100_000, byteCount: Int = 64 << 20) {
        precondition(messageCount > 0 && byteCount > 0, "a queue limit is positive")
        self.messageCount = messageCount
        self.byteCount = byteCount
    }

    public static let unlimited = QueueLimit(messageCount: .max, byteCount: .max)
}
