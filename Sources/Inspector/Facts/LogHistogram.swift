/// Times, or other numbers, in buckets whose width grows with their value, so that few kilobytes hold microseconds and
/// minutes with an error below 4 % (log-linear, as HdrHistogram's).
///
/// Values below 32 have a bucket each; from there on every power of two is divided into 32. What is beyond the last
/// bucket, 73 minutes in nanoseconds, counts as that. Buckets are made when they are needed.
public struct LogHistogram: Sendable, Equatable {
    public private(set) var count = 0
    public private(set) var minimum: Int64 = 0
    public private(set) var maximum: Int64 = 0
    private var sum = 0.0
    private var buckets: [UInt32] = []

    public init() {}

    public var isEmpty: Bool { count == 0 }
    public var mean: Int64 { count == 0 ? 0 : Int64(min(sum / Double(count), 9e18)) }

    /// A negative time counts as none.
    package mutating func record(_ number: Int64) {
        let value = max(number, 0)
        if count == 0 || value < minimum { minimum = value }
        maximum = max(maximum, value)
        count += 1
        sum += Double(value)
        let index = Self.index(of: value)
        if index >= buckets.count {
            buckets.append(contentsOf: repeatElement(0, count: index + 1 - buckets.count))
        }
        buckets[index] = buckets[index] == .max ? .max : buckets[index] + 1
    }

    /// Adds what another counted.
    package mutating func add(_ other: LogHistogram) {
        guard other.count > 0 else { return }
        minimum = count == 0 ? other.minimum : min(minimum, other.minimum)
        maximum = max(maximum, other.maximum)
        count += other.count
        sum += other.sum
        if buckets.count < other.buckets.count {
            let added = other.buckets.count - buckets.count
            buckets.append(contentsOf: repeatElement(0, count: added))
        }
        for (index, number) in other.buckets.enumerated() {
            let (total, overflows) = buckets[index].addingReportingOverflow(number)
            buckets[index] = overflows ? .max : total
        }
    }

    /// The value that this share of all values does not exceed: 0.5 is the median. 0 when there are none.
    public func quantile(_ share: Double) -> Int64 {
        guard count > 0 else { return 0 }
        let rank = max(1, Int((Double(count) * min(max(share, 0), 1)).rounded(.up)))
        if rank >= count { return maximum }
        var seen = 0
        for (index, number) in buckets.enumerated() where number > 0 {
            seen += Int(number)
            if seen >= rank { return min(max(Self.upperEdge(of: index), minimum), maximum) }
        }
        return maximum
    }

    /// The buckets with something in them: from, to (exclusive) and how many.
    public var filledBuckets: [(lower: Int64, upper: Int64, count: Int)] {
        buckets.indices.compactMap { index in
            guard buckets[index] > 0 else { return nil }
            return (
                lower: Self.lowerEdge(of: index), upper: Self.lowerEdge(of: index + 1),
                count: Int(buckets[index])
            )
        }
    }

    private static let subdivisionBits = 5
    private static let valueMax: Int64 = (1 << 42) - 1

    private static func index(of value: Int64) -> Int {
        let value = min(value, valueMax)
        guard value >= 1 << subdivisionBits else { return Int(value) }
        let exponent = 63 - value.leadingZeroBitCount
        let shift = exponent - subdivisionBits
        return (shift + 1) << subdivisionBits + Int(value >> Int64(shift)) - 1 << subdivisionBits
    }

    private static func lowerEdge(of index: Int) -> Int64 {
        let step = 1 << subdivisionBits
        guard index >= step else { return Int64(index) }
        let shift = index / step - 1
        return Int64(step + index % step) << Int64(shift)
    }

    private static func upperEdge(of index: Int) -> Int64 { lowerEdge(of: index + 1) - 1 }
}
