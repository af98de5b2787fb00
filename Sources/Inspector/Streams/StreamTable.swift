public import Dissection
import PGM

/// All PGM streams of all captures.
///
/// What comes from the source finds its stream by the whole key, nearly always the one of the packet before. What comes
/// from receivers (NAK, SPMR …) names the session, and its addresses may be those of a router in between; it finds
/// its stream by session and, if the tap has several of that session, by group and source.
///
/// A value with one owner, not an object, so that a packet reaches its stream without the run-time checks of exclusive access
/// that a class's properties need.
public struct StreamTable: ~Copyable {
    private let options: StreamOptions
    private let memberships: MembershipTable
    private let log: MessageLog?
    private var states: [UnsafeMutablePointer<StreamState>] = []
    private var indexes: [StreamKey: Int] = [:]
    private var sessions: [StreamKey.Session: [Int]] = [:]
    private var lastIndex = -1
    private var budget: Int
    /// Packets of streams that found no place.
    public private(set) var leftOutPacketCount = 0
    /// Packets with a wrong checksum that belong to no known stream.
    public private(set) var strangeChecksumErrorCount = 0
    /// Packets from receivers to sessions without a source at this tap, which do not say enough to make one.
    public private(set) var strangeUpstreamCount = 0

    public init(
        options: StreamOptions = StreamOptions(),
        memberships: MembershipTable,
        log: MessageLog? = nil
    ) {
        self.options = options
        self.memberships = memberships
        self.log = log
        budget = options.reorderTotalByteCountMax
    }

    deinit {
        for state in states {
            state.deinitialize(count: 1)
            state.deallocate()
        }
    }

    public mutating func handle(_ pgm: PGMDatagram) {
        guard pgm.checksum != .invalid else { return handleChecksumError(pgm) }
        switch pgm.packet.type {
        case .odata: source(of: pgm)?.pointee.handleData(pgm, isOriginal: true, budget: &budget)
        case .rdata: repairer(of: pgm)?.pointee.handleData(pgm, isOriginal: false, budget: &budget)
        case .spm: source(of: pgm)?.pointee.handleSPM(pgm, budget: &budget)
        case .ncf: repairer(of: pgm)?.pointee.handleNCF(pgm)
        case .poll: source(of: pgm)?.pointee.handlePoll(pgm)
        case .nak: receiver(of: pgm)?.pointee.handleNAK(pgm)
        case .nnak, .spmr, .polr, .ack: receiver(of: pgm)?.pointee.handleUpstream(pgm)
        }
    }

    /// Every stream as it is now.
    ///
    /// - Parameter ends: when each capture ended; `.min` where it has no packet.
    /// - Returns: the reports in the order of every output.
    public func makeReports(ends: [Int64]) -> [StreamReport] {
        let senders = senders()
        return states.map { state in
            let capture = state.pointee.key.tap.capture
            let end = ends.indices.contains(capture) ? ends[capture] : .min
            return state.pointee.makeReport(
                at: max(end, state.pointee.lastNanoseconds),
                senders: senders[state.pointee.key.tapGroup] ?? []
            )
        }.sorted(by: StreamReport.isBefore)
    }

    /// Who sends data to each group: libzmq's publishers join their group, which makes them no receivers.
    private func senders() -> [StreamKey.Group: Set<IPAddress>] {
        var senders: [StreamKey.Group: Set<IPAddress>] = [:]
        for state in states where state.pointee.packets.odata + state.pointee.packets.spm > 0 {
            let key = state.pointee.key
            senders[key.tapGroup, default: []].insert(key.source)
        }
        return senders
    }

    /// The captures have ended: messages that waited for repairs go to the log.
    public mutating func finish() {
        for state in states { state.pointee.finishMessages(budget: &budget) }
    }

    // MARK: - Finding the stream

    private func key(of pgm: PGMDatagram) -> StreamKey {
        StreamKey(
            tap: Tap(capture: pgm.datagram.capture, interface: pgm.datagram.interface),
            source: pgm.datagram.source,
            session: pgm.packet.sessionID,
            group: pgm.datagram.destination,
            dataPort: pgm.packet.dataPort,
            isUDP: pgm.encapsulation != .ip
        )
    }

    /// Of a packet that only the source sends.
    private mutating func source(of pgm: PGMDatagram) -> UnsafeMutablePointer<StreamState>? {
        let key = key(of: pgm)
        if lastIndex >= 0, states[lastIndex].pointee.key == key { return states[lastIndex] }
        return known(key) ?? make(key, at: pgm.datagram.nanoseconds)
    }

    private mutating func known(_ key: StreamKey) -> UnsafeMutablePointer<StreamState>? {
        guard let index = indexes[key] else { return nil }
        lastIndex = index
        return states[index]
    }

    /// Of RDATA or NCF, which a designated local repairer or a router may send for the source (RFC 3208 §9.6, §7).
    private mutating func repairer(of pgm: PGMDatagram) -> UnsafeMutablePointer<StreamState>? {
        let key = key(of: pgm)
        if lastIndex >= 0, states[lastIndex].pointee.key == key { return states[lastIndex] }
        if let state = known(key) { return state }
        for index in sessions[key.tapSession] ?? []
        where states[index].pointee.key.group == key.group {
            return states[index]
        }
        return make(key, at: pgm.datagram.nanoseconds)
    }

    /// Of a packet that a receiver sends.
    private mutating func receiver(of pgm: PGMDatagram) -> UnsafeMutablePointer<StreamState>? {
        let key = key(of: pgm)
        let candidates = sessions[key.tapSession] ?? []
        guard case .nak(let fields) = pgm.packet.body else {
            // Addressed to the source, or to its group.
            let state = candidates.first { index in
                let other = states[index].pointee.key
                return other.source == key.group || other.group == key.group
            }
            if let index = state ?? candidates.first { return states[index] }
            strangeUpstreamCount += 1
            return nil
        }
        let group = IPAddress(fields.group)
        let source = IPAddress(fields.source)
        var best: Int?
        for index in candidates where states[index].pointee.key.group == group {
            if states[index].pointee.key.source == source { return states[index] }
            best = best ?? index
        }
        if let best { return states[best] }
        var named = key
        named.group = group
        named.source = source
        return known(named) ?? make(named, at: pgm.datagram.nanoseconds)
    }

    private mutating func make(
        _ key: StreamKey,
        at nanoseconds: Int64
    ) -> UnsafeMutablePointer<StreamState>? {
        guard states.count < options.streamCountMax else {
            leftOutPacketCount += 1
            return nil
        }
        let state = UnsafeMutablePointer<StreamState>.allocate(capacity: 1)
        state.initialize(
            to: StreamState(
                key: key,
                at: nanoseconds,
                options: options,
                activity: memberships.activity(of: key.group, at: key.tap),
                log: log
            )
        )
        indexes[key] = states.count
        sessions[key.tapSession, default: []].append(states.count)
        lastIndex = states.count
        states.append(state)
        return state
    }

    /// Nothing in such a packet can be trusted; it counts where it seems to belong, and makes no stream.
    private mutating func handleChecksumError(_ pgm: PGMDatagram) {
        let key = key(of: pgm)
        if let index = indexes[key] ?? sessions[key.tapSession]?.first {
            states[index].pointee.handleChecksumError(at: pgm.datagram.nanoseconds)
        } else {
            strangeChecksumErrorCount += 1
        }
    }
}

extension StreamReport {
    /// The order of every output.
    static func isBefore(_ left: StreamReport, _ right: StreamReport) -> Bool {
        if left.capture != right.capture { return left.capture < right.capture }
        if left.interface != right.interface { return left.interface < right.interface }
        if left.firstNanoseconds != right.firstNanoseconds {
            return left.firstNanoseconds < right.firstNanoseconds
        }
        if left.source != right.source { return left.source < right.source }
        if left.group != right.group { return left.group < right.group }
        if left.destinationPort != right.destinationPort {
            return left.destinationPort < right.destinationPort
        }
        let leftID = left.session
        let rightID = right.session
        return leftID.globalSourceID != rightID.globalSourceID
            ? leftID.globalSourceID < rightID.globalSourceID
            : leftID.sourcePort < rightID.sourcePort
    }
}
