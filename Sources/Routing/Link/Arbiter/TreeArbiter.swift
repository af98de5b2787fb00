import DequeModule

/// Who decides which relay is a tree's root: epoch, root and standbys in service, changed one request after the other (tree-link.md, §8).
///
///     ask, started, ended, hangs ──▶ ┌ epoch, root, service ┐ ──▶ tell a relay, kill one
///                                    └──────────────────────┘
///
/// Before another root is named the old one has ended: whoever executes `kill` says `handleEnded` when the process is gone (C2). After a call of
/// `handle…`, take directives until there are none.
public struct TreeArbiter: Sendable {
    /// Rises for ever: whoever starts an arbiter begins no lower than the clock's seconds (C1).
    public private(set) var epoch: UInt64
    /// `nil` while the tree has none: the last one is dead, and nobody is in service.
    public private(set) var root: String?
    /// Whom it may name next.
    public private(set) var service: [String] = []
    /// Of the plan, in their order.
    private let standbys: [String]
    private let plannedRoot: String
    /// All that have reigned.
    private var roots: [String]
    /// Sorted.
    private var up: [String] = []
    private var dead: [String] = []
    /// The root is being ended.
    private var isEnding = false
    private var directives = Deque<ArbiterDirective>()

    public init(root: String, standbys: [String], epoch: UInt64) {
        self.epoch = epoch
        self.root = root
        self.standbys = standbys
        plannedRoot = root
        roots = [root]
    }

    /// Under which a relay is to start.
    public var reign: LinkRoot { LinkRoot(node: root ?? roots[roots.count - 1], epoch: epoch) }

    public mutating func nextDirective() -> ArbiterDirective? { directives.popFirst() }

    // MARK: - Processes

    /// A relay's process has been started.
    public mutating func handleStarted(_ node: String) {
        dead.removeAll { $0 == node }
        if !up.contains(node) { up = (up + [node]).sorted() }
        // The tree had lost its root and all who could follow it.
        if root == nil, node == plannedRoot || standbys.contains(node) { name(node) }
    }

    /// A relay's process has ended.
    public mutating func handleEnded(_ node: String) {
        up.removeAll { $0 == node }
        if !dead.contains(node) { dead.append(node) }
        if service.contains(node) {
            service.removeAll { $0 == node }
            if let root { tell(root, .takenOut(node)) }
        }
        guard node == root else {
            if let root { tell(root, .dead(node)) }
            return
        }
        isEnding = false
        root = nil
        // In the plan's order.
        if let next = (standbys + service).first(where: { service.contains($0) && up.contains($0) })
        {
            name(next)
        }
    }

    /// A relay has not answered for too long. Only a root need be ended for it: of others, who needs them notices.
    public mutating func handleHangs(_ node: String) {
        guard node == root, !isEnding else { return }
        isEnding = true
        directives.append(.kill(node))
    }

    // MARK: - Requests

    public mutating func handle(_ request: ArbiterRequest, from node: String) {
        switch request {
        case .takeIn(let standby, let epoch):
            guard epoch == self.epoch, node == root, up.contains(standby) else { return }
            if !service.contains(standby) { service.append(standby) }
            tell(node, .takenIn(standby))
        case .takeOut(let standby, let epoch):
            guard epoch == self.epoch, node == root else { return }
            service.removeAll { $0 == standby }
            tell(node, .takenOut(standby))
        case .office(let epoch, let service):
            guard epoch == self.epoch, up.contains(node) else {
                tell(node, .office(nil))
                return tell(node, .named(naming))
            }
            begin(node)
            self.service = service.filter { up.contains($0) && $0 != node }
            tell(node, .office(naming))
            tellAll()
        }
    }

    // MARK: - Naming

    private mutating func name(_ node: String) {
        service.removeAll { $0 == node }
        begin(node)
        tellAll()
    }

    private mutating func begin(_ node: String) {
        epoch += 1
        root = node
        roots.removeAll { $0 == node }
        roots.append(node)
    }

    private var naming: Naming {
        Naming(
            root: reign,
            service: service,
            dead: dead,
            formerRoots: roots.filter { $0 != root && up.contains($0) }
        )
    }

    private mutating func tellAll() {
        let naming = naming
        for node in up where roots.contains(node) || standbys.contains(node) {
            tell(node, .named(naming))
        }
    }

    private mutating func tell(_ node: String, _ news: ArbiterNews) {
        if up.contains(node) { directives.append(.tell(node, news)) }
    }
}

/// What an arbiter's shell is to do.
public enum ArbiterDirective: Hashable, Sendable {
    case tell(String, ArbiterNews)
    /// End the relay's process, whatever it does, and answer with `handleEnded` when it is gone.
    case kill(String)
}

/// What an arbiter says to a relay.
public enum ArbiterNews: Hashable, Sendable {
    case named(Naming)
    case takenIn(String)
    case takenOut(String)
    /// The answer to `ArbiterRequest.office`; `nil` = it is another's.
    case office(Naming?)
    /// The node's process has ended: nobody need wait for it.
    case dead(String)
}
