import Vocabulary

/// The sources that a receiver follows: found by who sent a packet, by their session alone, and by what is due.
///
/// Nothing here looks at all of them for a packet or a timer: a flood of forged sources must not make the true ones slow.
struct PeerTable: Sendable {
    /// Who sends: the same TSI from two addresses is two sources, for libzmq's GSIs are all the same.
    struct Key: Hashable, Sendable {
        var sessionID: TransportSessionID
        var address: NetworkAddress
        var group: NetworkAddress

        /// Equality without a branch for each field: it is asked for every packet.
        @inline(__always)
        func matches(_ other: Key) -> Bool {
            let ids = sessionID.globalSourceID ^ other.sessionID.globalSourceID
            let ports = UInt64(sessionID.sourcePort ^ other.sessionID.sourcePort)
            let addresses = (address.low ^ other.address.low) | (address.high ^ other.address.high)
            let groups = (group.low ^ other.group.low) | (group.high ^ other.group.high)
            return ids | ports | addresses | groups == 0
                && address.family == other.address.family && group.family == other.group.family
        }
    }

    /// A session whatever address its packets come from.
    private struct Session: Hashable {
        var id: TransportSessionID
        var group: NetworkAddress
    }

    private let countMax: Int
    private let outstandingCountMax: Int
    private var peers: ContiguousArray<Peer> = []
    private var indices: [Key: Int] = [:]
    private var sessions: [Session: [Int]] = [:]
    /// Places in `peers` whose source is gone.
    private var vacant: [Int] = []
    private var deadlines = DeadlineTournament()
    private var lastKey: Key
    /// Of `lastKey`; negative when no source is cached.
    private var lastIndex = -1
    /// When the next newcomer without room may make us look at all of them.
    private var roomSearchDue = Int64.min

    init(_ options: ReceiverOptions) {
        countMax = options.peerCountMax
        outstandingCountMax = options.outstandingCountMax
        lastKey = Key(
            sessionID: TransportSessionID(globalSourceID: 0, sourcePort: 0),
            address: .unspecified,
            group: .unspecified
        )
    }

    var isFull: Bool { indices.count >= countMax }

    var ids: [PeerID] { peers.filter(\.isActive).map(\.id) }

    func contains(_ peer: PeerID) -> Bool {
        peers.indices.contains(peer.index) && peers[peer.index].isActive
    }

    /// After a change to what a source waits for, call `rearm`.
    subscript(index: Int) -> Peer {
        @inline(__always) _read { yield peers[index] }
        @inline(__always) _modify { yield &peers[index] }
    }

    // MARK: - Finding

    /// The last source again: most packets.
    @inline(__always)
    mutating func cachedIndex(of key: Key) -> Int? {
        if lastIndex >= 0, key.matches(lastKey) { return lastIndex }
        guard let index = indices[key] else { return nil }
        lastKey = key
        lastIndex = index
        return index
    }

    func index(of key: Key) -> Int? { indices[key] }

    /// The source by its session alone: packets of neighbours and repairers come from addresses of their own.
    func neighbourIndex(of key: Key) -> Int? {
        sessions[Session(id: key.sessionID, group: key.group)]?.first
    }

    // MARK: - Time

    /// The earliest deadline of all; `Int64.max`: nothing is due ever.
    var deadline: Int64 { deadlines.earliest }

    func due(at now: Int64) -> [Int] { deadlines.due(at: now) }

    /// Takes note of when a source has work next.
    mutating func rearm(_ index: Int) {
        let peer = peers[index]
        deadlines.set(index, peer.isActive ? peer.deadline(outstandingCountMax) : .max)
    }

    // MARK: - Coming and going

    /// The index that `insert` takes next.
    var nextIndex: Int { vacant.last ?? peers.count }

    mutating func insert(_ peer: Peer, as key: Key) {
        let index = peer.id.index
        if vacant.isEmpty {
            peers.append(peer)
        } else {
            vacant.removeLast()
            peers[index] = peer
        }
        indices[key] = index
        sessions[Session(id: key.sessionID, group: key.group), default: []].append(index)
        rearm(index)
    }

    mutating func remove(_ index: Int) {
        let info = peers[index].info
        let session = Session(id: info.sessionID, group: info.group)
        indices[Key(sessionID: info.sessionID, address: info.address, group: info.group)] = nil
        sessions[session]?.removeAll { $0 == index }
        if sessions[session]?.isEmpty == true { sessions[session] = nil }
        lastIndex = -1
        peers[index].forget()
        vacant.append(index)
        deadlines.set(index, .max)
    }

    /// The source that gives its place to a newcomer when there is no other: one of which no SPM has come before one that
    /// has proven to exist, and of those the one that has been silent longest, if it is silent.
    mutating func longestSilent(at now: Int64) -> Int? {
        guard now >= roomSearchDue else { return nil }
        roomSearchDue = now + Self.roomSearchInterval
        let longest = peers.indices.filter { peers[$0].isActive }.min { left, right in
            let (left, right) = (peers[left], peers[right])
            if left.hasSPM != right.hasSPM { return right.hasSPM }
            return left.liveness.lastHeard < right.liveness.lastHeard
        }
        guard let longest else { return nil }
        let silence = now - peers[longest].liveness.lastHeard
        let minimum = peers[longest].hasSPM ? Self.silenceMinimum : Self.strangerSilenceMinimum
        return silence > minimum ? longest : nil
    }

    private static let roomSearchInterval: Int64 = 10_000_000
    private static let strangerSilenceMinimum: Int64 = 2_000_000_000
    /// libzmq's sources may say nothing for 30 seconds.
    private static let silenceMinimum: Int64 = 40_000_000_000
}
