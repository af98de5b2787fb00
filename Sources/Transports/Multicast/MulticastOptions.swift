public import PGM
import Wire

/// How a socket behaves at `pgm://` and `epgm://` endpoints. Times are `Duration`s, sizes are octets, the rate is in bits
/// per second.
///
/// The defaults are made for today's networks; `.libzmq` has those of libzmq 4.3.
public struct MulticastOptions: Sendable {
    /// What a publisher may send, headers, repairs and all; `nil` = as fast as the machine can.
    public var bitsPerSecond: Int? = 1_000_000_000
    /// Whether the rate gives way when receivers report losses, and comes back when they do not.
    public var isRateAdaptive = true
    /// How many routers a packet may pass, less one: 1 stays on the network.
    public var hops = 1
    /// Whether sockets of the sending host hear what it sends.
    public var isLoopbackEnabled = true
    /// The largest IP packet, all headers included; `nil` = what the interface takes, 1,500 at most, for that is what
    /// libzmq's receivers take.
    public var packetByteCountMax: Int?
    /// The DSCP of everything that is sent; 46 is "expedited forwarding".
    public var differentiatedServices: UInt8 = 46
    /// How long a publisher can repair what it sent, if the two bounds below allow it.
    public var recoveryTime: Duration = .seconds(10)
    /// How much it can repair.
    public var recoveryByteCount = 128 << 20
    public var recoveryPacketCount = 65_536
    /// How long a receiver lets others ask before it asks for a repair; a random part of it.
    public var repairBackOff: Duration = .milliseconds(3)
    /// How long a receiver follows a source that says nothing; ours say something every second, libzmq's every 30.
    public var sourceExpiry: Duration = .seconds(120)
    /// Reed–Solomon parity packets; `nil` = none.
    public var parity: ParityOptions?
    /// Encrypts and authenticates the payload with a key that the group shares; libzmq does not understand it.
    public var seal: SealKeyring?
    /// Socket buffers that the kernel is asked for.
    public var kernelByteCount = 8 << 20
    /// How long a publisher that was closed stays for the last repairs, after its last packet and the last request.
    public var farewellTime: Duration = .milliseconds(300)
    /// Use libzmq's timers instead of ours.
    public var usesLibzmqTimers = false
    /// Looks at every packet that comes in; what it refuses is dropped as if the network had lost it. For tests and
    /// drills.
    public var packetFilter: PacketFilterFunction?

    public typealias PacketFilterFunction = @Sendable (UnsafeRawBufferPointer) -> Bool

    public init() {}

    /// Sets several at once: `MulticastOptions { $0.hops = 4 }`.
    public init(_ configure: (inout MulticastOptions) throws -> Void) rethrows {
        try configure(&self)
    }

    /// libzmq 4.3's defaults: 100 kbit/s, a window of 80 packets, its timers.
    public static var libzmq: MulticastOptions {
        MulticastOptions {
            $0.bitsPerSecond = 100_000
            $0.isRateAdaptive = false
            $0.repairBackOff = .milliseconds(50)
            $0.usesLibzmqTimers = true
        }
    }
}

extension MulticastOptions: CustomStringConvertible {
    /// One value per line, with units.
    public var description: String {
        let rate =
            bitsPerSecond.map { "\(Self.text(bits: $0))\(isRateAdaptive ? ", adaptive" : "")" }
            ?? "unlimited"
        let parity =
            parity.map {
                "groups of \($0.groupSize), \($0.proactiveCount) proactive"
                    + ($0.isOnDemand ? ", on demand" : "")
            } ?? "none"
        return """
            rate: \(rate)
            hops: \(hops)
            loop-back: \(isLoopbackEnabled ? "on" : "off")
            packets: \(packetByteCountMax.map { "\($0) octets" } ?? "the interface's, 1,500 octets at most")
            DSCP: \(differentiatedServices)
            recovery: \(recoveryTime), \(recoveryByteCount) octets, \(recoveryPacketCount) packets
            repair back-off: \(repairBackOff)
            source expiry: \(sourceExpiry)
            parity: \(parity)
            sealing: \(seal.map { "key \($0.currentID)" } ?? "off")
            kernel buffers: \(kernelByteCount) octets
            farewell: \(farewellTime)
            timers: \(usesLibzmqTimers ? "libzmq's" : "Xylem's")
            """
    }

    private static func text(bits: Int) -> String {
        switch bits {
        case 1_000_000_000... where bits % 100_000_000 == 0: "\(Double(bits) / 1e9) Gbit/s"
        case 1_000_000... where bits % 100_000 == 0: "\(Double(bits) / 1e6) Mbit/s"
        case 1_000... where bits % 100 == 0: "\(Double(bits) / 1e3) kbit/s"
        default: "\(bits) bit/s"
        }
    }
}

// MARK: - For the cores

extension MulticastOptions {
    /// Octets of the IP header, and of UDP's.
    static func overheadByteCount(isUDP: Bool, isV4: Bool) -> Int {
        (isV4 ? 20 : 40) + (isUDP ? 8 : 0)
    }

    func sourceOptions(overheadByteCount: Int, packetByteCountMax: Int) -> SourceOptions {
        let bytesPerSecond = bitsPerSecond.map { max(1, $0 / 8) }
        var options = SourceOptions()
        if usesLibzmqTimers {
            options = .libzmq(
                kilobitsPerSecond: (bitsPerSecond ?? 2_000_000_000) / 1_000,
                recovery: recoveryTime,
                packetByteCountMax: packetByteCountMax
            )
        } else {
            options.windowPacketCount = recoveryPacketCount
            options.windowByteCount = recoveryByteCount
            options.windowDuration = recoveryTime
        }
        options.rateByteCountPerSecond = bytesPerSecond
        options.overheadByteCount = overheadByteCount
        options.parity = parity
        if isRateAdaptive, let bytesPerSecond {
            var adaptive = AdaptiveRateOptions(
                minimumByteCountPerSecond: max(1, bytesPerSecond / 20),
                maximumByteCountPerSecond: bytesPerSecond
            )
            // A few percent are repaired on the way, at any rate; a network or receiver that is overrun loses far more.
            adaptive.lossRatioMax = 0.2
            options.adaptiveRate = adaptive
        }
        return options
    }

    func receiverOptions(packetByteCountMax: Int) -> ReceiverOptions {
        if usesLibzmqTimers {
            return .libzmq(
                kilobitsPerSecond: (bitsPerSecond ?? 2_000_000_000) / 1_000,
                recovery: recoveryTime,
                packetByteCountMax: packetByteCountMax
            )
        }
        var options = ReceiverOptions()
        options.windowPacketCount = recoveryPacketCount
        options.backOff = repairBackOff
        options.backOffMinimum = min(options.backOffMinimum, repairBackOff)
        options.expiry = sourceExpiry
        return options
    }

    /// What an option cannot be; `nil` when all is well.
    var problem: String? {
        if let bitsPerSecond, bitsPerSecond < 1_000 {
            return "the multicast rate is \(bitsPerSecond) bit/s; it is at least 1,000"
        }
        if !(1...255).contains(hops) { return "multicast hops are 1 to 255, not \(hops)" }
        if differentiatedServices > 63 {
            return "a DSCP is 0 to 63, not \(differentiatedServices)"
        }
        if let packetByteCountMax, !(256...65_000).contains(packetByteCountMax) {
            return "multicast packets have 256 to 65,000 octets, not \(packetByteCountMax)"
        }
        if recoveryByteCount < 65_536 || !(16...1 << 22).contains(recoveryPacketCount) {
            return "the recovery window is at least 65,536 octets and 16 packets"
        }
        if let problem = parity?.problem { return problem }
        if let parity, recoveryPacketCount < 2 * parity.groupSize {
            return "the recovery window holds at least two groups of parity"
        }
        if parity != nil, seal != nil { return "parity and sealing exclude each other" }
        if let seal, !seal.cipher.isAvailable {
            return "this processor has no AES instructions: seal with ChaCha20-Poly1305"
        }
        if repairBackOff < .zero || recoveryTime <= .zero || sourceExpiry <= .zero {
            return "the times of multicast are positive"
        }
        return nil
    }
}
