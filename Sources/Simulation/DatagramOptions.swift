/// How a simulated datagram network behaves; everything random follows from the seed. Probabilities are from 0 to 1.
public struct DatagramOptions: Sendable {
    /// Print it when a run fails: it repeats the run.
    public var seed: UInt64
    /// How long a datagram is on its way; drawn once for each pair of nodes and direction.
    public var delay: ClosedRange<Duration> = .microseconds(100) ... .milliseconds(2)
    /// That a datagram does not arrive, for each receiver.
    public var loss = 0.0
    /// That a datagram arrives twice.
    public var duplication = 0.0
    /// That a datagram is held up, and others overtake it.
    public var reordering = 0.0
    public var reorderingDelayMax: Duration = .milliseconds(5)
    /// A sender that is a member of the group hears itself.
    public var loopsBack = false

    public init(seed: UInt64) {
        self.seed = seed
    }
}

/// What became of the datagrams of a simulated network; the last four count each receiver of a multicast.
public struct DatagramCounters: Hashable, Sendable {
    public var sent = 0
    public var received = 0
    public var lost = 0
    public var doubled = 0
    public var reordered = 0
}
