public import Dissection
public import PGM

extension StreamReport {
    /// Somebody who hears the stream, as far as the tap can know.
    public struct Receiver: Sendable {
        public var address: IPAddress
        /// It sent a NAK; it sent an SPMR; it joined the group (IGMP, MLD).
        public var hasAsked = false
        public var hasRequestedSPM = false
        public var isMember = false
        /// Of its membership, see `GroupReport.Member`.
        public var joinedNanoseconds: Int64?
        public var leftNanoseconds: Int64?
        public var joinToDataNanoseconds: Int64?
        public var firstNanoseconds: Int64?
        public var lastNanoseconds: Int64?
        /// NAK packets, and the sequence numbers in all of them.
        public var nakCount = 0
        public var nakNumberCount = 0
        /// Different sequence numbers it asked for: what it lost.
        public var lostCount = 0
        /// Of these, numbers for which RDATA followed, and numbers for which it did not.
        public var repairedCount = 0
        public var unrepairedCount = 0
        /// Numbers that were still waiting when the capture ended.
        public var openCount = 0
        /// Numbers it asked for again after their repair had been sent: the repair was lost, too.
        public var lostRepairCount = 0
        public var spmrCount = 0
        /// From its first NAK to the RDATA.
        public var repairLatency = LogHistogram()

        public init(address: IPAddress) {
            self.address = address
        }
    }

    /// One sequence number that somebody asked for and the source sent again.
    public struct Repair: Sendable, Equatable {
        public var sequence: SequenceNumber
        /// Who asked, in order; the first of them.
        public var receivers: [IPAddress]
        public var nakNanoseconds: Int64?
        public var ncfNanoseconds: Int64?
        public var rdataNanoseconds: Int64
        /// NAKs for it until it was repaired.
        public var nakCount: Int
        /// Its ODATA was missing at this tap, too.
        public var isMissingAtTap: Bool
    }

    /// Consecutive sequence numbers that were not repaired.
    public struct Loss: Sendable, Equatable {
        public enum Kind: String, Sendable {
            /// Receivers asked, the source confirmed or not, and no RDATA followed.
            case unrepaired
            /// Receivers asked when the number had left the source's window.
            case tooLate = "too-late"
            /// This tap never had them, and nobody here asked for them: lost on the way to this tap, or by the capture.
            case missing
        }

        public var kind: Kind
        public var first: SequenceNumber
        public var last: SequenceNumber
        public var count: Int
        /// When the first NAK was seen, or the gap.
        public var nanoseconds: Int64
        /// Who asked; the first of them.
        public var receivers: [IPAddress]
        /// The tap lacks them as well.
        public var isMissingAtTap: Bool
        /// NAK without NCF: the source did not hear it, or does not answer.
        public var isConfirmed: Bool
    }

    /// All chains, also those the lists leave out.
    public struct RepairSummary: Sendable {
        /// Sequence numbers asked for that were repaired, that were not, and that were open at the end of the capture.
        public var repairedCount = 0
        public var unrepairedCount = 0
        public var openCount = 0
        /// Of the unrepaired, numbers that had left the source's window.
        public var tooLateCount = 0
        /// Numbers asked for again after their RDATA.
        public var lostRepairs = Occurrences()
        /// RDATA nobody asked for at this tap: its NAK took another way.
        public var unaskedCount = 0
        /// Repaired numbers that more than one receiver had asked for: lost on the way they share.
        public var sharedCount = 0
        /// RDATA sent again while the first was just on its way.
        public var repeatedCount = 0
        /// Numbers asked for that no NCF followed, of those not repaired, and of those repaired all the same.
        public var unconfirmedCount = 0
        public var unconfirmedRepairedCount = 0
        public var nakToNCF = LogHistogram()
        public var nakToRDATA = LogHistogram()
        public var ncfToRDATA = LogHistogram()
        /// The most NAK packets within 100 ms, and when.
        public var nakBurstCount = 0
        public var nakBurstNanoseconds: Int64 = 0

        public init() {}
    }
}
