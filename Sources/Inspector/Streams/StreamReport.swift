public import Dissection
public import PGM

/// One PGM stream as seen at one tap, which is an interface of a capture.
public struct StreamReport: Sendable {
    public enum Transport: String, Sendable {
        /// IP protocol 113.
        case pgm
        /// PGM within UDP.
        case epgm
    }

    /// Packets by type; FEC's parity packets are counted with their type.
    public struct PacketCounts: Sendable, Equatable {
        public var spm = 0
        public var odata = 0
        public var rdata = 0
        public var nak = 0
        public var ncf = 0
        public var nnak = 0
        public var spmr = 0
        public var poll = 0
        public var polr = 0
        public var ack = 0

        public init() {}

        public var total: Int {
            spm + odata + rdata + nak + ncf + nnak + spmr + poll + polr + ack
        }
    }

    // Who.
    public var capture: Int
    public var interface: Int
    public var transport: Transport
    public var source: IPAddress
    public var group: IPAddress
    public var session: TransportSessionID
    /// The port data goes to.
    public var destinationPort: UInt16
    public var firstNanoseconds: Int64
    public var lastNanoseconds: Int64

    /// When the source itself was heard last; receivers may ask long after.
    public var lastSourceNanoseconds: Int64

    // What.
    public var packets = PacketCounts()
    public var details = Details()
    public var sequence = SequenceReport()
    public var window = WindowReport()
    public var announcements = AnnouncementReport()
    public var messages = MessageReport()
    public var rate = RateReport()
    public var timeline = Timeline()
    /// Between consecutive ODATA.
    public var interval = LogHistogram()

    // Losses and repairs.
    public var repairSummary = RepairSummary()
    /// Chains NAK → NCF → RDATA that were closed, in order of their closing; the first of them.
    public var repairs: [Repair] = []
    public var leftOutRepairCount = 0
    /// In order of their finding; the first of them.
    public var losses: [Loss] = []
    public var leftOutLossCount = 0
    /// By address.
    public var receivers: [Receiver] = []
    /// Packets of receivers that found no place in the list.
    public var leftOutReceiverCount = 0
    /// Others than the source that sent RDATA or NCF for it.
    public var repairers: [IPAddress] = []

    public init(
        capture: Int,
        interface: Int,
        transport: Transport,
        source: IPAddress,
        group: IPAddress,
        session: TransportSessionID,
        destinationPort: UInt16,
        firstNanoseconds: Int64,
        lastNanoseconds: Int64
    ) {
        self.capture = capture
        self.interface = interface
        self.transport = transport
        self.source = source
        self.group = group
        self.session = session
        self.destinationPort = destinationPort
        self.firstNanoseconds = firstNanoseconds
        self.lastNanoseconds = lastNanoseconds
        lastSourceNanoseconds = lastNanoseconds
    }
}

extension StreamReport {
    /// Counts beside the types.
    public struct Details: Sendable, Equatable {
        /// NAK and NCF that carry a list.
        public var nakListCount = 0
        public var ncfListCount = 0
        /// SPM with OPT_FIN: the source said good-bye.
        public var finCount = 0
        /// ODATA and RDATA that are FEC parity, and NAKs that ask for it.
        public var parityDataCount = 0
        public var parityNakCount = 0
        /// ODATA seen again with the same number.
        public var duplicates = Occurrences()
        /// Of these, within a millisecond of the first: more likely a mirror that copies twice than a sender that does.
        public var doubledCount = 0
        /// ODATA that came after a later number.
        public var reordered = Occurrences()
        /// How far behind the newest number the latest of them was.
        public var reorderDistanceMax = 0
        /// ODATA too far from the stream to belong to it.
        public var strays = Occurrences()
        /// Packets of this stream whose PGM checksum is wrong; nothing else of them is counted.
        public var checksumErrors = Occurrences()
        /// ODATA and RDATA sent without a checksum, which receivers must refuse (RFC 3208 §8).
        public var checksumAbsent = Occurrences()
        /// Packets that could not be checked because the capture cut them.
        public var checksumUnknownCount = 0
        /// The smallest and largest TTL (or hop limit) of what the source sent to the group.
        public var timeToLiveMin: UInt8 = .max
        public var timeToLiveMax: UInt8 = 0
        /// Octets of TSDUs of ODATA; of RDATA.
        public var dataByteCount = 0
        public var repairByteCount = 0

        public init() {}
    }

    /// The sequence numbers of ODATA at this tap.
    public struct SequenceReport: Sendable, Equatable {
        /// `nil` without data.
        public var first: SequenceNumber?
        public var last: SequenceNumber?
        /// From first to last, also when the numbers wrapped; what should be here.
        public var span = 0
        /// Numbers within the span that this tap never had, neither as ODATA nor as RDATA.
        public var missingCount = 0
        /// Of these, numbers found missing less than 400 ms before the capture ended: a repair may be on its way.
        public var openCount = 0
        /// How long before the end of the capture an SPM named numbers beyond all data here; `nil` when none did, or only
        /// in the last 400 ms.
        public var tailNanoseconds: Int64?
        /// Numbers whose ODATA this tap lacks and whose RDATA it has.
        public var repairedAtTapCount = 0
        /// Times ODATA went on beyond missing numbers.
        public var gapCount = 0
        /// Times the numbering began anew without a new session.
        public var resets = Occurrences()

        public init() {}
    }

    /// The source's transmit window, as it announces it: the numbers it can still repair.
    public struct WindowReport: Sendable, Equatable {
        public var trail: SequenceNumber?
        public var lead: SequenceNumber?
        /// The most numbers it ever held, once the source had begun to drop old ones; before that it says nothing.
        public var packetCount: Int?
        /// How long the source kept a packet before it dropped it: the shortest, and the mean.
        public var holdNanosecondsMin: Int64?
        public var holdNanosecondsMean: Int64?

        public init() {}
    }

    /// SPMs: how a receiver learns of the source and of losses at the end of a burst.
    public struct AnnouncementReport: Sendable, Equatable {
        public var firstNanoseconds: Int64?
        /// The number of the first SPM here: a source counts them from 0.
        public var firstNumber: UInt32?
        public var lastNanoseconds: Int64?
        /// The longest time without SPM, ODATA or RDATA.
        public var silenceNanosecondsMax: Int64 = 0
        public var silenceBegin: Int64 = 0
        /// The longest time after data, until the next sign of the source: how late a lost last packet is noticed.
        public var silenceAfterDataNanosecondsMax: Int64 = 0
        public var silenceAfterDataBegin: Int64 = 0
        /// From the last sign of the source to the end of the capture; 0 when it said good-bye.
        public var finalSilenceNanoseconds: Int64 = 0
        /// That last sign was data.
        public var endsAfterData = false
        /// Where the source wants its NAKs, when that is not its own address.
        public var otherPathAddress: IPAddress?
        public var hasFinished = false

        public init() {}
    }
}
