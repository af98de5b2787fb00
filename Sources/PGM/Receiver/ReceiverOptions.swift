/// How a receiver asks for what it misses; the defaults suit today's networks.
///
/// Every value prints with `description`; `.libzmq` is what libzmq 4.3 with OpenPGM 5.3 does.
public struct ReceiverOptions: Sendable {
    /// Packets between the next one to deliver and the newest: what a gap may hold up. A power of two; others are
    /// rounded up.
    public var windowPacketCount = 65_536
    /// What happens when a packet does not fit into the window.
    public var overflow = Overflow.discardNewest

    /// A NAK waits a random part of this for somebody else's (RFC 3208 §6.3: NAK_BO_IVL) …
    public var backOff: Duration = .milliseconds(3)
    /// … but at least this, to let packets overtake each other.
    public var backOffMinimum: Duration = .microseconds(500)
    /// How long until a NAK without NCF is repeated (NAK_RPT_IVL).
    public var confirmationWait: Duration = .milliseconds(20)
    /// How long until a confirmed NAK without data is repeated (NAK_RDATA_IVL).
    public var dataWait: Duration = .milliseconds(50)
    /// NAKs without NCF, and NCFs without data, after which a packet is lost.
    public var confirmationRetryCountMax = 250
    public var dataRetryCountMax = 100
    /// Numbers in one NAK: up to 63.
    public var nakNumberCountMax = 63
    /// Numbers that are asked for and not yet answered: what the source may send us at once.
    public var outstandingCountMax = 2_048
    /// Ask for parity where a source offers it.
    public var usesParity = true
    /// Start at OPT_JOIN's number instead of the first packet that is seen.
    public var usesHistory = true

    /// A source whose SPM has not come is asked for one after a random part of this, again after `requestRetry`, and then
    /// after twice, four times … 32 times that.
    public var requestBackOff: Duration = .milliseconds(10)
    public var requestRetry: Duration = .milliseconds(250)
    /// Requests to all sources together: each reaches the whole group.
    public var requestCountPerSecondMax = 200
    /// A source that says nothing for so long is gone.
    public var expiry: Duration = .seconds(120)
    /// A source that has said that it ends is forgotten after this.
    public var finishedExpiry: Duration = .seconds(10)
    /// A source of which no SPM has ever come is forgotten after so much silence: it may be forged.
    public var strangerExpiry: Duration = .seconds(10)
    /// Sources followed at a time; packets of more are counted and ignored.
    public var peerCountMax = 1_024

    public enum Overflow: String, Sendable {
        /// The packet is dropped, counted, and asked for when there is room: nothing is given up that a source can repair.
        case discardNewest
        /// The oldest numbers are given up and reported as lost.
        case loseOldest
    }

    public init() {}
}

extension ReceiverOptions {
    /// What libzmq 4.3 with OpenPGM 5.3 does, at its default rate of 100 kbit/s and recovery interval of 10 s.
    public static var libzmq: ReceiverOptions { libzmq() }

    /// The same for other values of ZMQ_RATE (kbit/s), ZMQ_RECOVERY_IVL and ZMQ_MULTICAST_MAXTPDU.
    public static func libzmq(
        kilobitsPerSecond: Int = 100,
        recovery: Duration = .seconds(10),
        packetByteCountMax: Int = 1_500
    ) -> ReceiverOptions {
        var options = ReceiverOptions()
        options.windowPacketCount =
            SourceOptions.libzmq(
                kilobitsPerSecond: kilobitsPerSecond,
                recovery: recovery,
                packetByteCountMax: packetByteCountMax
            ).windowPacketCount
        options.overflow = .loseOldest
        options.backOff = .milliseconds(50)
        options.backOffMinimum = .zero
        options.confirmationWait = .milliseconds(200)
        options.dataWait = .milliseconds(200)
        options.confirmationRetryCountMax = 50
        options.dataRetryCountMax = 50
        options.outstandingCountMax = .max
        options.usesParity = false
        options.usesHistory = false
        options.requestBackOff = .milliseconds(25)
        options.expiry = .seconds(300)
        options.finishedExpiry = .seconds(300)
        options.strangerExpiry = .seconds(300)
        return options
    }
}
