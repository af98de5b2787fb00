import Wire

/// What all sources of a receiver share.
struct ReceiverContext: Sendable {
    /// The options' times in nanoseconds.
    struct Times: Sendable {
        var backOff: Int64
        var backOffMinimum: Int64
        var confirmationWait: Int64
        var dataWait: Int64
        var requestBackOff: Int64
        var requestRetry: Int64
        var expiry: Int64
        var finishedExpiry: Int64
        var strangerExpiry: Int64

        init(_ options: ReceiverOptions) {
            func time(_ duration: Duration, atLeast minimum: Int64 = 0) -> Int64 {
                min(max(minimum, duration.nanoseconds), Int64.max / 4)
            }
            backOff = time(options.backOff)
            backOffMinimum = time(options.backOffMinimum)
            confirmationWait = time(options.confirmationWait, atLeast: 100_000)
            dataWait = time(options.dataWait, atLeast: 100_000)
            requestBackOff = time(options.requestBackOff)
            requestRetry = time(options.requestRetry, atLeast: 1_000_000)
            expiry = time(options.expiry, atLeast: 1_000_000)
            finishedExpiry = time(options.finishedExpiry, atLeast: 1_000_000)
            strangerExpiry = min(expiry, time(options.strangerExpiry, atLeast: 1_000_000))
        }
    }

    let options: ReceiverOptions
    let times: Times
    /// The options' window, rounded up to a power of two.
    let windowPacketCount: Int
    /// What POLLs are matched against (RFC 3208 §14.5: RAND_NODE_ID).
    let nodeID: UInt32
    var counters = ReceiverCounters()
    var repairTimes = RepairTimes()
    var directives = Ring<ReceiverDirective>()
    private var random: UInt64
    /// Counts requests instead of octets.
    private var requests: TokenBucket

    init(_ options: ReceiverOptions, seed: UInt64) {
        precondition(
            (1...(1 << 24)).contains(options.windowPacketCount),
            "a receive window holds 1 to 16,777,216 packets"
        )
        precondition(
            (1...(PacketOption.nakListCountMax + 1)).contains(options.nakNumberCountMax),
            "a NAK has 1 to 63 numbers"
        )
        precondition(options.outstandingCountMax > 0, "at least one number can be asked for")
        var capacity = 1
        while capacity < options.windowPacketCount { capacity *= 2 }
        windowPacketCount = capacity
        self.options = options
        requests = TokenBucket(
            rate: options.requestCountPerSecondMax,
            burstByteCount: options.requestCountPerSecondMax / 8
        )
        times = Times(options)
        var generator = seed
        nodeID = UInt32(truncatingIfNeeded: Self.next(&generator))
        random = generator
    }

    /// SplitMix64.
    private static func next(_ state: inout UInt64) -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Whether one more SPMR may be sent.
    mutating func takeRequest(at now: Int64) -> Bool { requests.take(1, at: now) }

    /// A random time from `minimum` to `maximum`.
    mutating func randomTime(_ minimum: Int64, _ maximum: Int64) -> Int64 {
        guard maximum > minimum else { return minimum }
        return minimum + Int64(Self.next(&random) % UInt64(maximum - minimum + 1))
    }

    /// One draw for all of a gap: its NAKs then fit into one packet.
    mutating func gapBackOff(_ backOff: Int64) -> Int64 {
        randomTime(times.backOffMinimum, max(times.backOffMinimum, backOff))
    }
}
