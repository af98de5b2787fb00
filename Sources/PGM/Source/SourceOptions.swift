import Wire

/// What a source may do and how long it waits; the defaults suit today's networks.
///
/// Every value prints with `description`; `.libzmq` is what libzmq 4.3 with OpenPGM 5.3 does.
public struct SourceOptions: Sendable {
    /// Octets per second on the network, headers included, for data, parity and repairs together; `nil` is no limit.
    public var rateByteCountPerSecond: Int? = 125_000_000
    /// What may leave at once after a pause: the larger of one millisecond of the rate and this.
    public var burstByteCount = 65_536
    /// The part of the rate that repairs may take while there is data to send.
    public var repairShare = 0.8
    /// What IP and UDP add to a packet: 28, or 20 without UDP; 48 and 40 for IPv6.
    public var overheadByteCount = 28

    /// Bounds of the transmit window: what can be repaired. The tightest one rules; the trail follows.
    public var windowPacketCount = 65_536
    public var windowByteCount = 128 << 20
    public var windowDuration: Duration = .seconds(10)

    /// The interval of ambient SPMs, which are sent whatever else happens (RFC 3208 §5.1.4).
    public var ambientInterval: Duration = .seconds(1)
    /// SPMs after data, when no more data comes (RFC 3208 §5.1.5); the last interval is repeated.
    public var heartbeatIntervals: [Duration] = SourceOptions.doubling(
        from: .milliseconds(10),
        to: .seconds(1)
    )
    /// SPMs at the beginning, and with OPT_FIN at the end.
    public var announcementCount = 3
    /// An SPMR is answered at once, but not more often than this (RFC 3208 §13.4).
    public var requestedInterval: Duration = .milliseconds(10)

    /// A repair waits this long for more NAKs of the same loss (RFC 3208 §5.3).
    public var repairDelay: Duration = .zero
    /// A NAK for what was repaired less than this ago is confirmed, not repaired again: the repair is on its way.
    public var repairHold: Duration = .milliseconds(4)
    /// Equal NCFs are at least this far apart (RFC 3208 §5.2).
    public var confirmationInterval: Duration = .milliseconds(1)
    /// The number of NAKs answered per second; more are counted and ignored.
    public var nakCountPerSecondMax = 50_000
    /// Refuse NAKs whose source address is not ours. A relay that forwards NAKs must write our address into them.
    public var checksNAKAddresses = true

    /// Offer OPT_JOIN with the trail: who joins late may ask for all of the window.
    public var offersHistory = false
    /// OPT_SYN on the first packet.
    public var announcesStart = false
    /// Forward error correction; `nil` is off.
    public var parity: ParityOptions?
    /// Let the rate follow the losses that receivers report; `nil` is off.
    public var adaptiveRate: AdaptiveRateOptions?

    public init() {}

    /// Doubles from the first to the last interval (RFC 3208 §5.1.5: IHB_MIN, IHB_MAX).
    ///
    /// - Precondition: the first is positive and not longer than the last.
    public static func doubling(from first: Duration, to last: Duration) -> [Duration] {
        precondition(first > .zero && first <= last, "intervals double from a positive one upwards")
        var intervals = [first]
        while let longest = intervals.last, longest < last {
            intervals.append(min(longest * 2, last))
        }
        return intervals
    }
}

/// Reed–Solomon parity of a source (RFC 3208 §11).
public struct ParityOptions: Hashable, Sendable {
    /// Data packets of a transmission group, k: a power of two, 2…128.
    public var groupSize: Int
    /// Parity packets sent with every group, whether anybody lost something or not.
    public var proactiveCount: Int
    /// Whether receivers may ask for parity instead of packets.
    public var isOnDemand: Bool

    /// What cannot be is found by `problem`, before a source is made.
    public init(groupSize: Int, proactiveCount: Int = 0, isOnDemand: Bool = true) {
        self.groupSize = groupSize
        self.proactiveCount = proactiveCount
        self.isOnDemand = isOnDemand
    }

    /// What cannot be: the group size is a power of two from 2 to 128; there are at most as many proactive packets as data packets;
    /// parity is proactive or on demand, or both. `nil` when all is well.
    public var problem: String? {
        if !(2...128).contains(groupSize) || groupSize & (groupSize - 1) != 0 {
            return "a transmission group has 2, 4, 8, 16, 32, 64 or 128 packets, not \(groupSize)"
        }
        if !(0...min(groupSize, 255 - groupSize)).contains(proactiveCount) {
            return
                "a group of \(groupSize) has at most \(min(groupSize, 255 - groupSize)) parity packets, not \(proactiveCount)"
        }
        return proactiveCount > 0 || isOnDemand ? nil : "parity is proactive, on demand, or both"
    }
}

/// A rate that gives way when receivers lose packets: multiplicative decrease, additive increase.
public struct AdaptiveRateOptions: Hashable, Sendable {
    public var minimumByteCountPerSecond: Int
    public var maximumByteCountPerSecond: Int
    /// Rates change at most once per interval.
    public var interval: Duration = .milliseconds(100)
    /// After an interval whose losses, in packets asked for per packet sent, exceed this, the rate goes down.
    public var lossRatioMax = 0.01
    /// The rate after a lossy interval, as a part of the rate before.
    public var decrease = 0.7
    /// What a clean interval adds, as a part of the maximum.
    public var increase = 0.02

    public init(minimumByteCountPerSecond: Int, maximumByteCountPerSecond: Int) {
        precondition(
            minimumByteCountPerSecond > 0 && minimumByteCountPerSecond <= maximumByteCountPerSecond,
            "the minimum rate is positive and not above the maximum"
        )
        self.minimumByteCountPerSecond = minimumByteCountPerSecond
        self.maximumByteCountPerSecond = maximumByteCountPerSecond
    }
}

extension SourceOptions {
    /// What libzmq 4.3 with OpenPGM 5.3 does, at its default rate of 100 kbit/s and recovery interval of 10 s.
    public static var libzmq: SourceOptions { libzmq() }

    /// The same for other values of ZMQ_RATE (kbit/s), ZMQ_RECOVERY_IVL and ZMQ_MULTICAST_MAXTPDU.
    public static func libzmq(
        kilobitsPerSecond: Int = 100,
        recovery: Duration = .seconds(10),
        packetByteCountMax: Int = 1_500
    ) -> SourceOptions {
        var options = SourceOptions()
        let milliseconds = Int(min(recovery.nanoseconds / 1_000_000, 1 << 32))
        options.rateByteCountPerSecond = max(1, kilobitsPerSecond) * 125
        // A bucket of a millisecond when a packet fits into it, otherwise of a second.
        let rate = max(1, kilobitsPerSecond) * 125
        options.burstByteCount = rate / 1_000 >= packetByteCountMax ? rate / 1_000 : rate
        options.windowPacketCount =
            min(
                max(
                    1,
                    milliseconds * min(max(1, kilobitsPerSecond / 8), 1 << 28)
                        / max(1, packetByteCountMax)
                ),
                1 << 24
            )
        options.windowByteCount = .max
        options.windowDuration = .seconds(Int64.max)
        options.ambientInterval = .seconds(30)
        options.heartbeatIntervals =
            [100, 100, 100, 100, 1_300].map { .milliseconds($0) }
            + [7, 16, 25, 30].map { .seconds($0) }
        options.requestedInterval = .zero
        options.repairHold = .zero
        options.confirmationInterval = .zero
        return options
    }
}
