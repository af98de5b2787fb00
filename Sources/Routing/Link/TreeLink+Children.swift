public import Wire

/// The children's side.
extension TreeLink {
    // MARK: - Feeds

    /// A child's feed is there; what it wants comes with RESUME.
    public mutating func handleFeedOpened(_ id: ChildFeedID, node: String, at now: Instant) {
        state.now = now
        state.children.append(Child(id, node: node))
    }

    public mutating func handleFeedLost(_ id: ChildFeedID, at now: Instant) {
        state.now = now
        Admission.remove(id, &state)
    }

    /// Whether the child's connection takes more.
    public mutating func handleWritable(_ id: ChildFeedID, _ isWritable: Bool) {
        guard let place = state.place(of: id) else { return }
        state.children[place].isWritable = isWritable
    }

    /// A command came up on the feed.
    public mutating func handle(_ command: LinkCommand, from id: ChildFeedID, at now: Instant) {
        state.now = now
        guard let place = state.place(of: id) else { return }
        do throws(LinkFault) {
            try handle(command, of: state.children[place])
        } catch {
            end(id, error)
        }
    }

    private mutating func handle(_ command: LinkCommand, of child: Child) throws(LinkFault) {
        let id = child.id
        if case .resume(let resume) = command {
            guard !child.hasResumed else { throw LinkFault("RESUME came twice") }
            return Admission.handle(resume, id, &state)
        }
        guard child.hasResumed else { throw LinkFault("\(command.name) came before RESUME") }
        switch command {
        case .sync(let request, let first, let topics):
            let open = state.laterSyncs.lazy.filter { $0.child == id }.count
            guard open < state.setup.options.syncCountMax else {
                throw LinkFault("more than \(open) SYNCs are open")
            }
            Syncs.handleSync(id, request, first: first, topics, &state)
        case .cancel(let topic): Interests.handleCancel(topic, id, &state)
        case .switchOver: handleSwitch(id)
        case .heard(let count): Standbys.handleHeard(count, from: id, &state)
        case .holds(let position): Standbys.handleHolds(position, from: id, &state)
        case .status(let status): Statuses.handle(status, from: id, &state)
        case .tail(let tail): Tails.handle(tail, from: id, &state)
        case .origin(let index, let origin):
            guard let place = state.place(of: id) else { return }
            var names = state.children[place].origins
            _ = try Intake.note(origin, as: index, in: &names, &state)
            state.children[place].origins = names
        default: throw LinkFault("\(command.name) came up")
        }
    }

    /// SWITCH: a candidate's child is ours now.
    private mutating func handleSwitch(_ id: ChildFeedID) {
        guard let place = state.place(of: id) else { return }
        state.children[place].isCandidate = false
        if state.role == .root, state.children[place].isMirror {
            Standbys.count(state.children[place].node, &state)
        }
        Tails.askAnew(id, &state)
        Succession.collect(id, &state)
    }

    /// A batch came up on the feed: a part of a tail.
    public mutating func handle(
        _ header: BatchHeader,
        messageCount: Int,
        from id: ChildFeedID,
        at now: Instant
    ) -> BatchFate {
        state.now = now
        do throws(LinkFault) {
            guard header.kind == .tail, header.messageCount == UInt64(messageCount) else {
                throw LinkFault(
                    "a batch came up that is no tail, or holds \(messageCount) messages"
                )
            }
            return try Tails.handle(header, from: id, &state)
        } catch {
            end(id, error)
            return .ignore
        }
    }

    private mutating func end(_ id: ChildFeedID, _ fault: LinkFault) {
        state.add(.report(.fault(fault)))
        state.add(.closeFeed(id))
        Admission.remove(id, &state)
    }

    // MARK: - Uplinks

    public mutating func handleUplinkOpened(_ id: ChildUplinkID, node: String, at now: Instant) {
        state.now = now
        state.uplinks.append(Uplink(id: id, node: node))
        for topic in state.demand.topics {
            state.add(.sendUplinkDown(.subscribe(topic), id))
        }
    }

    public mutating func handleUplinkLost(_ id: ChildUplinkID, at now: Instant) {
        state.now = now
        state.uplinks.removeAll { $0.id == id }
    }

    /// ORIGIN came up on an uplink. `false`: the connection must end; why is reported.
    public mutating func handle(
        _ command: LinkCommand,
        from id: ChildUplinkID,
        at now: Instant
    ) -> Bool {
        state.now = now
        guard let place = state.uplinks.firstIndex(where: { $0.id == id }) else { return true }
        do throws(LinkFault) {
            guard case .origin(let index, let origin) = command else {
                throw LinkFault("\(command.name) came up the uplink")
            }
            var names = state.uplinks[place].origins
            let own = try Intake.note(origin, as: index, in: &names, &state)
            state.uplinks[place].origins = names
            state.uplinks[place].names[own] = index
            return true
        } catch {
            state.add(.report(.fault(error)))
            return false
        }
    }

    /// A parcel came up; `messageCount`: of whole messages in its frames.
    public mutating func handle(
        _ header: ParcelHeader,
        messageCount: Int,
        octetCount: Int,
        from id: ChildUplinkID,
        at now: Instant
    ) -> ParcelFate {
        state.now = now
        do throws(LinkFault) {
            guard header.count == UInt64(messageCount) else {
                throw LinkFault("a parcel holds \(messageCount) messages, not \(header.count)")
            }
            return try Origins.handle(header, octetCount: octetCount, from: id, &state)
        } catch {
            state.add(.report(.fault(error)))
            return .refuse
        }
    }
}

// MARK: - Time

extension TreeLink {
    /// When `handleTimeout` is to be called; `nil` = nothing is waited for.
    public var deadline: Instant? {
        let options = state.setup.options
        var times: [Instant?] = [
            state.seek.nextAt, state.missingUntil, state.demandSettlesAt,
            state.collection?.deadline, state.ghosts.first?.until, state.trimAt,
        ]
        if let candidate = state.candidate { times.append(candidate.deadline) }
        if let due = state.office.absent.first(where: { !$0.isAsked }) {
            times.append(due.since + options.standbyAbsenceMax)
        }
        if case .gaveOffice = state.role, let since = state.office.heirAbsentSince {
            if state.candidate == nil, state.seek.nextAt == nil { times.append(state.now) }
            if !state.office.isOfficeAsked { times.append(since + options.heirAbsenceMax) }
        }
        if state.isMirror, state.parent != nil, state.holdsReport.sent != state.position {
            times.append(state.holdsReport.nextAt)
        }
        if state.role == .root { times.append(Standbys.nextReport(state)) }
        if state.parent != nil { times.append(state.statusAt) }
        return times.compactMap { $0 }.min()
    }

    public mutating func handleTimeout(at now: Instant) {
        state.now = now
        if let at = state.seek.nextAt, at <= now { Attachment.seek(&state) }
        if let candidate = state.candidate, candidate.deadline <= now {
            state.add(.close(candidate.link.id))
            Attachment.handleLost(candidate.link.id, &state)
        }
        Succession.adoptIfComplete(&state)
        Adoption.giveUpMissing(&state)
        Interests.expireGhosts(&state)
        Interests.settleDemand(&state)
        Standbys.checkAbsent(&state)
        HandOver.checkHeir(&state)
        Moves.rejoinRoot(&state)
        Feeding.reportHolds(&state)
        Origins.acknowledge(&state)
        Feeding.trimIfDue(&state)
        Statuses.sendIfDue(&state)
    }
}
