public import Routing
public import ZMTP

/// How a relay speaks the tree link in one tree (tree-link.md).
public struct TreeLinkSettings: Sendable {
    /// Whom it may turn to when its parent is lost, in the plan's order.
    public var backups: [String] = []
    /// The plan's.
    public var standbys: [String] = []
    /// Whom the arbiter may name when the root is lost; a root needs to know.
    public var service: [String] = []
    /// Of a root that may have reigned before, in another life: its children of the plan, who know how far it had come.
    public var predecessorsChildren: [String] = []
    /// The reign under which the relay starts.
    public var root: LinkRoot
    /// Where the tree's relays are.
    public var relays: [RelayConfiguration.Parent] = []
    public var options = LinkOptions()
    /// Of both connections to a parent: silence of its time-out is a parent's death.
    public var heartbeat = HeartbeatOptions(
        interval: .milliseconds(200),
        timeout: .milliseconds(600),
        timeToLive: .milliseconds(600)
    )

    /// What a relay keeps of each tree's last messages, where nothing else is said.
    public static let standardRing = (octetCount: 64 << 20, time: Duration.seconds(10))

    public init(root: LinkRoot) {
        self.root = root
        (options.ringOctetCountMax, options.ringTimeMax) = Self.standardRing
        // Children of a root wait until all standbys in service know them: one that is silent must not keep them long.
        options.standbyAbsenceMax = .milliseconds(100)
    }
}

extension RelayConfiguration.Seat {
    /// What the link's core is told at its start; `nil` where connections between relays are plain.
    func linkSetup(node: String, incarnation: UInt64) -> LinkSetup? {
        guard let link else { return nil }
        var setup = LinkSetup(
            node: node,
            incarnation: incarnation,
            parent: parent?.name,
            root: link.root
        )
        setup.backups = link.backups
        setup.standbys = link.standbys
        // The plan's root, under another's reign, is a standby (tree-link.md, F7).
        if parent == nil, link.root.node != node, !setup.standbys.contains(node) {
            setup.standbys.append(node)
        }
        setup.service = link.service
        setup.predecessorsChildren = link.predecessorsChildren
        setup.options = link.options
        return setup
    }
}
