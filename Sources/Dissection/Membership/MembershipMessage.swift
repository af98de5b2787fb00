/// One message of IGMP 1–3 or MLD 1–2: what a router asks about groups, or what a host says about them.
public struct MembershipMessage {
    public enum Version: UInt8, Sendable {
        case igmp1, igmp2, igmp3, mld1, mld2
    }

    public enum Content: Sendable, Equatable {
        case query(Query)
        /// In the order of the wire; the messages without records, of IGMP 1 and 2 and MLD 1, make one.
        case records([Record])
    }

    public struct Query: Sendable, Equatable {
        /// `nil` asks about all groups.
        public var group: IPAddress?
        /// Only members of these sources are asked (IGMP 3, MLD 2).
        public var sources: [IPAddress] = []
        public var maximumResponseMilliseconds: Int
        /// S flag: routers shall not restart their timers (IGMP 3, MLD 2).
        public var suppressesRouters = false
        /// QRV (IGMP 3, MLD 2).
        public var robustness: UInt8 = 0
        /// QQIC, decoded (IGMP 3, MLD 2).
        public var intervalSeconds = 0

        public init(group: IPAddress? = nil, maximumResponseMilliseconds: Int) {
            self.group = group
            self.maximumResponseMilliseconds = maximumResponseMilliseconds
        }
    }

    public struct Record: Sendable, Equatable {
        public enum Kind: Sendable, Equatable {
            /// IGMP 1 and 2, MLD 1.
            case report, leave
            /// RFC 3376 §4.2.12, RFC 3810 §5.2.12.
            case modeIsInclude, modeIsExclude, changeToInclude, changeToExclude
            case allowNewSources, blockOldSources
        }

        public var kind: Kind
        public var group: IPAddress
        public var sources: [IPAddress]

        public init(kind: Kind, group: IPAddress, sources: [IPAddress] = []) {
            self.kind = kind
            self.group = group
            self.sources = sources
        }

        /// Whether the host is a member from now on, `nil` when the record does not say it.
        public var isMember: Bool? {
            switch kind {
            case .report, .modeIsExclude, .changeToExclude: true
            case .leave: false
            case .modeIsInclude, .changeToInclude: !sources.isEmpty
            case .allowNewSources: true
            case .blockOldSources: nil
            }
        }
    }

    public var datagram: Datagram
    public var version: Version
    public var content: Content
    public var checksum: ChecksumState

    public init(
        datagram: Datagram,
        version: Version,
        content: Content,
        checksum: ChecksumState
    ) {
        self.datagram = datagram
        self.version = version
        self.content = content
        self.checksum = checksum
    }

    /// The groups that the sender wants from now on, or no longer; empty for a query.
    public var records: [Record] {
        if case .records(let records) = content { records } else { [] }
    }
}
