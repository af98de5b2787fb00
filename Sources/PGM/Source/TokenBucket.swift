/// A token bucket (RFC 3208 §5.1.2): over any interval at most the depth plus the rate's share passes.
///
/// Instead of tokens it keeps the time at which the bucket will be full again; then nothing has to be refilled. All in
/// nanoseconds; the price of an octet has 16 fractional bits.
struct TokenBucket: Sendable {
    private var nanosecondsPerByte: Int64 = 0
    /// How long an empty bucket takes to fill.
    private(set) var depth: Int64 = 0
    private var fullAt = Int64.min / 2
    private let burstByteCount: Int

    /// `rate` is in octets per second; `nil` lets everything pass.
    init(rate: Int?, burstByteCount: Int) {
        self.burstByteCount = max(1, burstByteCount)
        setRate(rate)
    }

    var isLimited: Bool { nanosecondsPerByte > 0 }

    mutating func setRate(_ rate: Int?) {
        guard let rate else {
            nanosecondsPerByte = 0
            depth = 0
            return
        }
        let clamped = Int64(min(max(rate, 1), 1 << 40))
        nanosecondsPerByte = max(1, (1_000_000_000 << 16) / clamped)
        // One millisecond of the rate, or the burst, whichever is more; never above an hour.
        let burst = Double(burstByteCount) * 1e9 / Double(clamped)
        depth = Int64(min(max(burst, 1e6), 3.6e12))
    }

    @inline(__always)
    func cost(_ byteCount: Int) -> Int64 {
        (Int64(truncatingIfNeeded: min(byteCount, 1 << 16)) &* nanosecondsPerByte) >> 16
    }

    /// Takes the tokens, when they are there; a full bucket lets even a packet pass that is larger than the bucket.
    @inline(__always)
    mutating func take(_ byteCount: Int, at now: Int64) -> Bool {
        let cost = cost(byteCount)
        let debt = max(0, fullAt - now)
        guard debt == 0 || debt + cost <= depth else { return false }
        fullAt = now + debt + cost
        return true
    }

    /// Whether `take` would succeed.
    func has(_ byteCount: Int, at now: Int64) -> Bool {
        let debt = max(0, fullAt - now)
        return debt == 0 || debt + cost(byteCount) <= depth
    }

    /// Takes tokens even if there are not enough, for packets that cannot wait.
    mutating func charge(_ byteCount: Int, at now: Int64) {
        fullAt = max(fullAt, now) + cost(byteCount)
    }

    /// When a batch can be taken: a quarter of the bucket, but at least what flows in a millisecond and at most in five.
    func batchTime(of byteCount: Int) -> Int64 {
        guard isLimited else { return Int64.min }
        let quantum = min(max(depth / 4, 1_000_000), 5_000_000)
        return fullAt - depth + min(max(cost(byteCount), quantum), depth)
    }
}
