import Wire

/// How long a peer takes to answer a PING, smoothed as RFC 6298 §2 smooths the round trips of TCP.
///
///     first time t:   smoothed = t                         variation = t / 2
///     each next one:  smoothed = ⅞ smoothed + ⅛ t          variation = ¾ variation + ¼ |smoothed − t|
///
/// A PING goes ahead of the messages that wait here, but behind what the kernel has taken, and its answer comes when the peer has read so
/// far: on a link that is full this is the delay of the queues, and on an idle one the network's.
public struct RoundTripTime: Equatable, Sendable {
    private var smoothedNanoseconds: Int64
    private var variationNanoseconds: Int64
    private var latestNanoseconds: Int64
    private var leastNanoseconds: Int64

    init(first time: Duration) {
        let time = time.nanoseconds
        smoothedNanoseconds = time
        variationNanoseconds = time / 2
        latestNanoseconds = time
        leastNanoseconds = time
    }

    public var smoothed: Duration { .nanoseconds(smoothedNanoseconds) }

    /// How far single times are from the smoothed one, on average.
    public var variation: Duration { .nanoseconds(variationNanoseconds) }

    public var latest: Duration { .nanoseconds(latestNanoseconds) }

    /// The shortest of all: the network's own share is no longer than this.
    public var least: Duration { .nanoseconds(leastNanoseconds) }

    mutating func handle(_ time: Duration) {
        let time = time.nanoseconds
        // The variation first, with the smoothed time of before (RFC 6298 §2.3).
        variationNanoseconds += (abs(smoothedNanoseconds - time) - variationNanoseconds) / 4
        smoothedNanoseconds += (time - smoothedNanoseconds) / 8
        latestNanoseconds = time
        leastNanoseconds = min(leastNanoseconds, time)
    }
}
