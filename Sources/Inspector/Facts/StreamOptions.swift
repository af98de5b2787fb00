/// Bounds of what is remembered of streams. What goes beyond them is counted and said, never silently dropped.
public struct StreamOptions: Sendable {
    public var streamCountMax = 4_096
    /// Of one stream.
    public var receiverCountMax = 1_024
    public var gapCountMax = 65_536
    public var chainCountMax = 65_536
    /// Examples in the report.
    public var repairCountMax = 1_000
    public var lossCountMax = 1_000
    public var topicCountMax = 64
    public var memberCountMax = 4_096
    /// Data that is kept of one stream while a packet before it is missing, to read the messages inside in order.
    public var reorderByteCountMax = 4 << 20
    /// The same over all streams.
    public var reorderTotalByteCountMax = 64 << 20
    public var timelineBinCountMax = 512

    public init() {}
}
