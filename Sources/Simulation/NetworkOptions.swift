/// How a simulated network behaves; everything random follows from the seed.
public struct NetworkOptions: Sendable {
    /// Print it when a run fails: it repeats the run.
    public var seed: UInt64
    /// How long a packet is on its way.
    public var delay: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(20)
    /// Where there are any, each connection has one of these in place of `delay`, and keeps it: what is slow stays slow, and news
    /// that goes two ways comes in either order.
    public var connectionDelays: [ClosedRange<Duration>] = []
    /// How long after a crash or a cut the other end of a connection learns of it.
    public var lossDetection: ClosedRange<Duration> = .milliseconds(0) ... .milliseconds(300)

    public init(seed: UInt64) {
        self.seed = seed
    }
}
