/// How a simulated network behaves; everything random follows from the seed.
public struct NetworkOptions: Sendable {
    /// Print it when a run fails: it repeats the run.
    public var seed: UInt64
    /// How long a packet is on its way.
    public var delay: ClosedRange<Duration> = .milliseconds(1) ... .milliseconds(20)
    /// How long after a crash or a cut the other end of a connection learns of it.
    public var lossDetection: ClosedRange<Duration> = .milliseconds(0) ... .milliseconds(300)

    public init(seed: UInt64) {
        self.seed = seed
    }
}
