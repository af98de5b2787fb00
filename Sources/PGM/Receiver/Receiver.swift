public import Vocabulary
public import Wire

/// All sources of one or more groups, as one receiver follows them (RFC 3208 §6, §9, §11, §13, §14).
///
///     packet ── handle ──▶ Reception: deliver it, or keep it under its number
///                    └───▶ directives: deliver what was kept, report loss, send NAK, …
///     time ── handleTimeout ──▶ directives
///     the shell stops reading ── handlePause ──▶ no deadline … handleResume ──▶ deadlines go on
///
/// It holds numbers; the shell holds payloads, of packets that came too early, under peer and number: all held numbers
/// of a peer are within `windowPacketCount` of each other, so a ring of that size holds them.
///
/// After every `handle…` drain `nextDirective()`. When `handle` says `.deliver`, that packet comes before the directives.
public struct Receiver: Sendable {
    private var context: ReceiverContext
    private var clock = ReadingClock()
    private var peers: PeerTable

    /// `seed` is for back-offs; no two receivers of a group should have the same.
    public init(_ options: ReceiverOptions, seed: UInt64) {
        context = ReceiverContext(options, seed: seed)
        peers = PeerTable(options)
    }

    public var counters: ReceiverCounters { context.counters }
    /// How long packets that came by repair had been missed.
    public var repairTimes: RepairTimes { context.repairTimes }
    public var options: ReceiverOptions { context.options }
    /// The size of the ring that a shell needs for a peer's held payloads: a power of two.
    public var windowPacketCount: Int { context.windowPacketCount }

    // MARK: - Packets

    /// A packet of a source or, multicast, of another receiver. `source` and `group` are the addresses of its IP header.
    /// The checksum has been verified.
    public mutating func handle(
        _ packet: PacketView,
        from source: NetworkAddress,
        to group: NetworkAddress,
        at now: Instant
    ) -> Reception {
        let time = clock.time(now)
        let key = PeerTable.Key(sessionID: packet.sessionID, address: source, group: group)
        switch packet.type {
        case .odata, .rdata: return handleData(packet, key, at: time)
        case .spm: handleSPM(packet, key, at: time)
        case .ncf:
            context.counters.ncfPackets += 1
            guard let index = peers.index(of: key) ?? peers.neighbourIndex(of: key) else {
                return stray()
            }
            peers[index].handleConfirmation(packet, &context, at: time)
            peers.rearm(index)
        case .poll:
            context.counters.pollPackets += 1
            guard let index = peers.index(of: key), case .poll(let poll) = packet.body else {
                return stray()
            }
            peers[index].handlePoll(poll, &context, at: time)
            peers.rearm(index)
        case .nak, .spmr, .polr:
            guard let index = peers.neighbourIndex(of: key) else { return stray() }
            peers[index].handleNeighbour(packet, &context, at: time)
            peers.rearm(index)
        case .nnak, .ack: return stray()
        }
        return .done
    }

    private mutating func stray() -> Reception {
        context.counters.strayPackets += 1
        return .done
    }

    private mutating func handleData(
        _ packet: PacketView,
        _ key: PeerTable.Key,
        at now: Int64
    ) -> Reception {
        guard let fields = packet.data else { return .done }
        let isOriginal = packet.type == .odata
        if isOriginal {
            context.counters.odataPackets += 1
        } else {
            context.counters.rdataPackets += 1
        }
        if let index = peers.cachedIndex(of: key) {
            if packet.flags.isEmpty, context.directives.isEmpty,
                peers[index].takeInOrder(fields, at: now)
            {
                context.counters.deliveredPackets += 1
                return .deliver(PeerID(index: index))
            }
            defer { peers.rearm(index) }
            return peers[index].handleData(packet, fields, &context, at: now)
        }
        // A repair for somebody else says nothing about where the stream is.
        guard isOriginal, !packet.isParity else { return stray() }
        guard Peer.isPossible(fields) else {
            context.counters.windowsImpossible += 1
            return .done
        }
        let next = firstNumber(fields.sequence, trail: fields.trail, packet)
        guard let index = addPeer(key, packet, next: next, at: now) else { return .done }
        defer { peers.rearm(index) }
        peers[index].requests.start(&context, at: now)
        return peers[index].handleData(packet, fields, &context, at: now)
    }

    private mutating func handleSPM(_ packet: PacketView, _ key: PeerTable.Key, at now: Int64) {
        context.counters.spmPackets += 1
        guard case .spm(let fields) = packet.body else { return }
        let options = packet.options
        let hasWindow =
            fields.hasWindow && options.first(ofType: OptionType.neighbourUnreachable) == nil
        let size = fields.lead.distance(from: fields.trail) + 1
        guard !hasWindow || (0..<Int(Int32.max)).contains(size) else {
            context.counters.windowsImpossible += 1
            return
        }
        if let index = peers.index(of: key) {
            peers[index].handleSPM(packet, fields, hasWindow: hasWindow, &context, at: now)
            peers.rearm(index)
            return
        }
        // A session that has ended does not begin here.
        guard hasWindow, options.first(ofType: OptionType.finish) == nil,
            options.first(ofType: OptionType.reset) == nil
        else {
            context.counters.strayPackets += 1
            return
        }
        let next = firstNumber(fields.lead + 1, trail: fields.trail, packet)
        guard let index = addPeer(key, packet, next: next, at: now) else { return }
        peers[index].handleSPM(packet, fields, hasWindow: hasWindow, &context, at: now)
        peers.rearm(index)
    }

    /// The shell has done what `.reconstruct` asked for: the payloads are held now, or could not be computed.
    public mutating func handleReconstructed(
        _ reconstruction: Reconstruction,
        of peer: PeerID,
        succeeded: Bool
    ) {
        guard peers.contains(peer) else { return }
        peers[peer.index].handleReconstructed(reconstruction, succeeded: succeeded, &context)
        peers.rearm(peer.index)
    }

    /// Where a new session begins for this receiver: with this packet (RFC 3208 §6.1), or where OPT_JOIN allows (§9.4).
    private func firstNumber(
        _ number: SequenceNumber,
        trail: SequenceNumber,
        _ packet: PacketView
    ) -> SequenceNumber {
        guard context.options.usesHistory, packet.hasOptions,
            let option = packet.options.first(ofType: OptionType.join),
            case .join(let minimum) = option.content
        else { return number }
        let first = minimum.isAfter(trail) ? minimum : trail
        let distance = number.distance(from: first)
        return distance > 0 && distance < context.windowPacketCount / 2 ? first : number
    }

    // MARK: - Time

    /// The shell stops reading: what arrives waits in the kernel, and what finds no room there is lost on the way. Until
    /// `handleResume` there is no deadline: nothing is asked for, nothing is given up, no source expires. Packets that
    /// the shell has read already may still be handed in.
    public mutating func handlePause(at now: Instant) {
        clock.pause(at: now)
    }

    /// The shell has read what had waited in the kernel during the pause, so that what is still missing is truly missing.
    public mutating func handleResume(at now: Instant) {
        clock.resume(at: now)
    }

    /// When `handleTimeout(at:)` has work next; `nil` also during a pause.
    public var deadline: Instant? {
        let due = peers.deadline
        return clock.isPaused || due == .max ? nil : clock.instant(due)
    }

    public mutating func handleTimeout(at now: Instant) {
        guard !clock.isPaused else { return }
        let time = clock.time(now)
        for index in peers.due(at: time) {
            if peers[index].handleTimeout(&context, at: time) {
                remove(index)
            } else {
                peers.rearm(index)
            }
        }
    }

    /// The next thing to do, oldest first.
    public mutating func nextDirective() -> ReceiverDirective? { context.directives.popFirst() }

    // MARK: - Peers

    public func info(of peer: PeerID) -> PeerInfo? {
        peers.contains(peer) ? peers[peer.index].info : nil
    }

    /// Every source that is followed.
    public var peerIDs: [PeerID] { peers.ids }

    /// For parity the shell must keep every payload of this peer, not only the early ones, from this number on. `nil`:
    /// this peer has no parity. A ring of `windowPacketCount` holds them.
    public func oldestNeeded(of peer: PeerID) -> SequenceNumber? {
        guard peers.contains(peer) else { return nil }
        return peers[peer.index].parity?.first(of: peers[peer.index].window.next)
    }

    /// A new source; `nil` when there are too many.
    private mutating func addPeer(
        _ key: PeerTable.Key,
        _ packet: PacketView,
        next: SequenceNumber,
        at now: Int64
    ) -> Int? {
        guard !peers.isFull else {
            context.counters.peersRefused += 1
            makeRoom(at: now)
            return nil
        }
        let index = peers.nextIndex
        let info = PeerInfo(
            sessionID: key.sessionID,
            dataPort: packet.dataPort,
            address: key.address,
            group: key.group
        )
        peers.insert(
            Peer(id: PeerID(index: index), info: info, next: next, context, at: now),
            as: key
        )
        context.directives.append(.peerAppeared(PeerID(index: index)))
        return index
    }

    /// Forged sources must not keep true ones out. The place is free for the next packet: for this one the shell has not
    /// heard yet that the old source is gone.
    private mutating func makeRoom(at now: Int64) {
        guard let index = peers.longestSilent(at: now) else { return }
        peers[index].giveUp(&context)
        remove(index)
    }

    private mutating func remove(_ index: Int) {
        peers.remove(index)
        context.directives.append(.peerExpired(PeerID(index: index)))
    }
}
