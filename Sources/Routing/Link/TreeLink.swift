public import Wire

/// The link of one relay in one tree, without sockets, messages or clock: numbers, cursors, epochs, and who is whose parent
/// (docs/tree-link.md).
///
///     handle…(at: now) ──▶ ┌── ring: which numbers, whose, which are held ──┐ ──▶ nextDirective()
///                          │   children: cursors, standing                   │
///     deadline             │   parent, candidate; origins; the root's office │ ──▶ BatchFate, ParcelFate, CommandFate
///     handleTimeout(at:)   └─────────────────────────────────────────────────┘      where messages go
///
/// After each call that begins with `handle`, do what it answers, then take directives until there are none and execute them in
/// order, before the next call. A directive `feed` is made when a child's turn comes: say `handleWritable(_:false)` when its
/// connection takes no more, and it has no turn.
public struct TreeLink: Sendable {
    var state: LinkState

    public init(_ setup: LinkSetup) {
        state = LinkState(setup)
    }

    // MARK: - What it is

    /// What it has dealt with: each number up to this one it holds, or knows to be none of its interest.
    public var position: LinkPosition { state.position }

    public var isRoot: Bool { state.role == .root }

    /// Whether messages come down: it is fed, or it is the root.
    public var isAttached: Bool { state.role == .attached || state.role == .root }

    /// The relay that feeds it.
    public var parent: String? { state.parent?.node }

    /// The newest root that it knows.
    public var root: LinkRoot { state.epochs.root }

    /// What the ring has of numbers; `nil` = nothing.
    public var ringNumbers: LinkNumbers? { state.ring.numbers }

    /// What own publishers sent, and is not safe yet, takes up all that it may: until messages are released, `publish` only what must
    /// not be refused (U1).
    public var isFull: Bool {
        state.own.octetCount >= state.setup.options.ownOctetCountMax
    }

    /// Under `block`: read neither the parent nor publishers and uplinks, until a child has taken more.
    public var isHeldBack: Bool { Feeding.isHeldBack(state) }

    /// This relay and all below it, as they said last; at the root, the tree.
    public func status(at now: Instant) -> TreeStatus {
        var state = state
        state.now = now
        return Statuses.treeStatus(state)
    }

    /// Of a root: whom the arbiter may name when it is lost.
    public var standbys: [String] { isRoot ? state.office.service : [] }

    /// What the root wants sent up.
    public func isDemanded(_ topic: LinkTopic) -> Bool {
        topic.indices.contains { state.demand.contains(Array(topic[..<$0])) }
            || state.demand.contains(topic)
    }

    // MARK: - Start and arbiter

    /// Looks for a parent, unless it is the root.
    public mutating func handleStart(at now: Instant) {
        state.now = now
        Succession.beginAgain(&state)
        Attachment.seek(&state)
    }

    /// The arbiter has named a root, this relay or another.
    public mutating func handleNamed(_ naming: Naming, at now: Instant) {
        state.now = now
        Succession.handleNamed(naming, &state)
    }

    public mutating func handleTakenIn(_ node: String, at now: Instant) {
        state.now = now
        Standbys.handleTakenIn(node, &state)
    }

    public mutating func handleTakenOut(_ node: String, at now: Instant) {
        state.now = now
        Standbys.handleTakenOut(node, &state)
    }

    /// What the arbiter answers to `ArbiterRequest.office`; `nil` = the office is another's.
    public mutating func handleOffice(_ naming: Naming?, at now: Instant) {
        state.now = now
        if let naming {
            HandOver.handleOffice(naming, &state)
        } else {
            HandOver.handleOfficeRefused(&state)
        }
    }

    /// The lease has run out: this relay serves nobody any more (C2).
    public mutating func handleFenced(at now: Instant) {
        state.now = now
        if state.role.isOffice { HandOver.fence(&state) }
    }

    /// A node is known to be dead: nobody waits for it.
    public mutating func handleDead(_ node: String, at now: Instant) {
        state.now = now
        state.collection?.awaited.removeAll { $0 == node }
        state.collection?.dead.append(node)
        Succession.adoptIfComplete(&state)
    }

    /// Passes the office on. `false` when the heir is no standby in service, or this relay does not reign.
    public mutating func handOver(to heir: String, at now: Instant) -> Bool {
        state.now = now
        return HandOver.begin(to: heir, &state)
    }

    /// A new plan: move to another parent. `false` when that cannot be now.
    public mutating func move(to node: String, at now: Instant) -> Bool {
        state.now = now
        return Moves.move(to: node, &state)
    }

    // MARK: - The parent's side

    /// Both connections are there.
    public mutating func handleOpened(_ id: ParentLinkID, at now: Instant) {
        state.now = now
        Attachment.handleOpened(id, &state)
    }

    /// One of the two connections is gone, silent, or could not be made.
    public mutating func handleLost(_ id: ParentLinkID, at now: Instant) {
        state.now = now
        Tails.handleDone(id, &state)
        Attachment.handleLost(id, &state)
    }

    /// A command came down on the feed.
    public mutating func handle(
        _ command: LinkCommand,
        from id: ParentLinkID,
        at now: Instant
    ) -> CommandFate {
        state.now = now
        do throws(LinkFault) {
            return try Intake.handle(command, from: id, &state)
        } catch {
            end(id, error)
            return .done
        }
    }

    /// A batch came down on the feed; `messageCount`: of whole messages in its frames.
    public mutating func handle(
        _ header: BatchHeader,
        messageCount: Int,
        octetCount: Int,
        from id: ParentLinkID,
        at now: Instant
    ) -> BatchFate {
        state.now = now
        do throws(LinkFault) {
            try Self.check(header, messageCount)
            return try Intake.handle(header, octetCount: octetCount, from: id, &state)
        } catch {
            end(id, error)
            return .ignore
        }
    }

    /// A command came down on the uplink.
    public mutating func handleUplink(
        _ command: LinkCommand,
        from id: ParentLinkID,
        at now: Instant
    ) {
        state.now = now
        guard state.way?.id == id else {
            if state.candidate?.link.id == id { noteDemand(command) }
            return
        }
        do throws(LinkFault) {
            switch command {
            case .resend: Origins.resend(&state)
            case .acknowledged(let list): try Origins.handle(list, &state)
            case .subscribe(let topic): Interests.setDemand(topic, true, &state)
            case .cancel(let topic): Interests.setDemand(topic, false, &state)
            default: throw LinkFault("\(command.name) came down the uplink")
            }
        } catch {
            end(id, error)
        }
    }

    /// A candidate says what it wants before it is the way.
    private mutating func noteDemand(_ command: LinkCommand) {
        switch command {
        case .subscribe(let topic): state.candidate?.demand.insert(topic)
        case .cancel(let topic): state.candidate?.demand.remove(topic)
        default: break
        }
    }

    private mutating func end(_ id: ParentLinkID, _ fault: LinkFault) {
        state.add(.report(.fault(fault)))
        state.add(.close(id))
        Tails.handleDone(id, &state)
        Attachment.handleLost(id, &state)
    }

    private static func check(
        _ header: BatchHeader,
        _ messageCount: Int
    ) throws(LinkFault) {
        guard header.messageCount == UInt64(messageCount) else {
            throw LinkFault("a batch holds \(messageCount) messages, not \(header.messageCount)")
        }
    }

    // MARK: - Own publishers and subscribers

    /// Own publishers sent messages. Their own sequence numbers, under which the shell keeps them until `release`; `nil` when the table of
    /// origins is full.
    public mutating func publish(
        messageCount: Int,
        octetCount: Int,
        at now: Instant
    ) -> LinkNumbers? {
        state.now = now
        return Origins.publish(UInt64(messageCount), octetCount: octetCount, &state)
    }

    /// The first of our subscribers wants a topic.
    public mutating func handleWanted(_ topic: LinkTopic, at now: Instant) {
        state.now = now
        Interests.want(topic, &state)
    }

    /// The last of our subscribers wants a topic no more.
    public mutating func handleUnwanted(_ topic: LinkTopic, at now: Instant) {
        state.now = now
        Interests.unwant(topic, &state)
    }

    // MARK: - Directives

    /// What to do next; `nil` when nothing is. Whoever is about to hear more at once gives children their turns only behind it
    /// (`feeds: false`): then batches are larger.
    public mutating func nextDirective(feeds: Bool = true) -> LinkDirective? {
        if feeds, !state.hasDirectives { _ = Feeding.feedNext(&state) }
        return state.popDirective()
    }
}
