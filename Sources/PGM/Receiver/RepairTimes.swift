/// How long missing packets were missing, from the gap to the packet: a histogram whose buckets are an eighth of a power
/// of two wide, so that percentiles are right to 12 %. It has the same size however many times are in it.
public struct RepairTimes: Hashable, Sendable {
    private var buckets: ContiguousArray<UInt32> = []
    public private(set) var count = 0

    public init() {}

    mutating func record(nanoseconds: Int64) {
        // Made at the first repair: most receivers never miss a packet.
        if buckets.isEmpty { buckets = ContiguousArray(repeating: 0, count: Self.bucketCount) }
        buckets[Self.bucket(of: nanoseconds)] &+= 1
        count += 1
    }

    /// The time that this share (0…1) of the repairs did not exceed; `nil` without repairs.
    public func percentile(_ share: Double) -> Duration? {
        guard count > 0 else { return nil }
        let wanted = max(1, Int((min(max(share, 0), 1) * Double(count)).rounded(.up)))
        var sum = 0
        for index in buckets.indices {
            sum += Int(buckets[index])
            if sum >= wanted { return .nanoseconds(Self.upperBound(of: index)) }
        }
        return nil
    }

    /// Below `stepCount` every number has a bucket; above, each power of two has `stepCount` of them.
    private static func bucket(of nanoseconds: Int64) -> Int {
        let value = UInt64(max(0, nanoseconds))
        guard value >= UInt64(stepCount) else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let step = Int((value >> UInt64(exponent - stepBits)) & UInt64(stepCount - 1))
        return min(bucketCount - 1, (exponent - stepBits + 1) * stepCount + step)
    }

    private static func upperBound(of bucket: Int) -> Int64 {
        guard bucket >= stepCount else { return Int64(bucket) }
        let exponent = bucket / stepCount + stepBits - 1
        let step = Int64(bucket % stepCount + stepCount + 1)
        return (step << Int64(exponent - stepBits)) - 1
    }

    private static let stepBits = 3
    private static let stepCount = 1 << stepBits
    /// Up to half an hour.
    private static let bucketCount = 39 * stepCount
}
