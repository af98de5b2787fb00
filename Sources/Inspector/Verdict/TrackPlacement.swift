import Dissection
import TreeBuilder

/// The first stage of a verdict: which target each track says something about.
///
/// Targets are the nodes of the plan, or the taps themselves, and subscribers that no plan names.
struct TrackPlacement {
    private let basis: VerdictBasis
    private(set) var targets: [VerdictTarget] = []
    /// Those that say something about a target.
    private(set) var tracks: [VerdictTrack] = []
    private(set) var unplacedTrackCount = 0
    private(set) var unplacedMessageCount = 0
    /// How many subscribers did not fit the bound.
    private(set) var leftOutTargetCount = 0
    private var extraTargetCount = 0
    /// By node: the connections to its subscribers' endpoint, as captures that would see all of them show.
    private(set) var connections: [String: ServerConnections] = [:]
    /// Who connects to whose publishers' endpoint, as seen from the start and without a gap.
    private(set) var wholeUpLinks: Set<UpLink> = []
    /// Nodes that name themselves in READY.
    private let announced: Set<String>
    /// Connections of which only the address says who connected.
    private var presumed: [PresumedFeed] = []

    /// A node's way up to another.
    struct UpLink: Hashable {
        var client: String
        var server: String
    }

    private struct PresumedFeed {
        var view: VerdictTrack
        var server: String
        var client: String
        var address: SocketAddress
        var tree: Int?
    }

    private var map: PlanMap? { basis.map }
    private var tapNames: [String] { basis.tapNames }

    init(_ basis: VerdictBasis) {
        self.basis = basis
        announced = Set(basis.log.facts.compactMap(\.clientNode))
        if basis.map == nil { makeTapTargets() } else { makePlanTargets() }
        for track in basis.log.tracks { place(track) }
        placePresumed()
        orderTracks()
    }

    private mutating func makeTapTargets() {
        for (index, name) in tapNames.enumerated() {
            targets.append(
                VerdictTarget(
                    name: name,
                    tree: nil,
                    level: index == 0 ? 0 : 1,
                    parent: nil,
                    tap: index,
                    isPlanned: true
                )
            )
        }
    }

    private mutating func makePlanTargets() {
        guard let plan = map?.plan else { return }
        for (treeIndex, tree) in plan.trees.enumerated() {
            for node in tree.nodes.sorted(by: { $0.rank < $1.rank }) {
                targets.append(
                    VerdictTarget(
                        name: node.id,
                        tree: treeIndex,
                        level: node.level,
                        parent: node.parent.flatMap { target($0, tree: treeIndex) },
                        tap: tapNames.firstIndex(of: node.id),
                        isPlanned: true
                    )
                )
            }
        }
    }

    private func target(_ name: String, tree: Int) -> Int? {
        targets.firstIndex { $0.name == name && $0.tree == tree }
    }

    /// The targets of a node in a tree, or in all when the tree is not known.
    private func targets(_ name: String, tree: Int?) -> [Int] {
        targets.indices.filter {
            targets[$0].name == name && targets[$0].isPlanned
                && (tree == nil || targets[$0].tree == tree)
        }
    }
}

// MARK: - Tracks

extension TrackPlacement {
    private mutating func place(_ track: MessageTrack) {
        let key = basis.log.flows[track.flow]
        let facts = basis.log.facts[track.flow]
        let tap = basis.tapIndex(of: track.tap)
        let isPGM = if case .pgm = key { true } else { false }
        let view = VerdictTrack(
            track: track,
            clock: basis.clock(of: track.tap),
            tap: tap,
            isPGM: isPGM,
            isEncrypted: facts.isEncrypted
        )
        guard map != nil else {
            guard let tap, track.count > 0 || view.isEncrypted || !track.interests.isEmpty else {
                return
            }
            view.arrivals = [tap]
            view.senderLevel = tap
            view.isFromRoot = tap == 0
            return tracks.append(view)
        }
        switch key {
        case .pgm(let source, _, let group, let port):
            placeMulticast(view, from: source, to: group, port: port)
        case .tcp(let source, let destination, _):
            if placeConnection(view, facts, from: source, to: destination) { return }
        }
        keep(view)
    }

    private mutating func keep(_ view: VerdictTrack) {
        if view.arrivals.isEmpty, view.departures.isEmpty, view.origins.isEmpty {
            guard view.track.count > 0 else { return }
            unplacedTrackCount += 1
            unplacedMessageCount += view.track.count
        } else {
            tracks.append(view)
        }
    }

    private mutating func placeMulticast(
        _ view: VerdictTrack,
        from source: IPAddress,
        to group: IPAddress,
        port: UInt16
    ) {
        guard let map else { return }
        let island = map.island(group, port: port)
        let tapName = view.tap.map { tapNames[$0] }
        let sender = island?.head ?? map.node(at: source)
        if let sender {
            view.origins = targets(sender, tree: island?.tree)
            view.senderLevel = view.origins.map { targets[$0].level }.min() ?? 0
            view.isFromRoot = view.origins.contains { targets[$0].parent == nil }
        } else {
            view.isFromRoot = true
        }
        if let tapName, tapName != sender {
            var arrivals = targets(tapName, tree: island?.tree)
            if arrivals.isEmpty {
                arrivals = extraTargets(tapName, under: view.origins.first, tap: view.tap)
            }
            for index in arrivals { feed(index, view, from: sender) }
        } else {
            // At the sender: all who hear the group were sent it.
            for index in targets.indices
            where targets[index].tree == island?.tree && targets[index].isPlanned
                && island?.members.contains(targets[index].name) == true
            {
                if targets[index].tap == nil {
                    feed(index, view, from: sender)
                } else {
                    view.departures.append(index)
                }
            }
        }
    }

    /// `true` when it waits for those of which more is known.
    private mutating func placeConnection(
        _ view: VerdictTrack,
        _ facts: FlowFacts,
        from source: SocketAddress,
        to destination: SocketAddress
    ) -> Bool {
        guard let map else { return false }
        let tapName = view.tap.map { tapNames[$0] }
        let named = facts.tree.flatMap { name in
            map.plan.trees.firstIndex { $0.name == name }
        }
        if let server = map.endpoint(at: source, tap: tapName), server.side == .subscribers {
            let tree = named ?? treeOfMessages(view.track)
            let presumed = map.node(at: destination.address)
            let isStranger = presumed.map { facts.isClientKnown && announced.contains($0) } ?? true
            let client = facts.clientNode ?? (isStranger ? nil : presumed)
            note(view, at: server.node, isIdentified: client != nil || facts.isClientKnown)
            guard let client, facts.clientNode == nil, !facts.isClientKnown else {
                placeFeed(view, from: server.node, to: client, at: destination, tree: tree)
                return false
            }
            self.presumed.append(
                PresumedFeed(
                    view: view,
                    server: server.node,
                    client: client,
                    address: destination,
                    tree: tree
                )
            )
            return true
        }
        guard let server = map.endpoint(at: destination, tap: tapName),
            server.side == .publishers
        else { return false }
        view.direction = .up
        view.upServer = server.node
        view.upClient = facts.clientNode ?? map.node(at: source.address)
        if let client = view.upClient, view.track.hasOpening, view.track.gaps.isEmpty {
            wholeUpLinks.insert(UpLink(client: client, server: server.node))
        }
        // What reaches the root, by whatever way, is in the tree.
        view.origins = targets(server.node, tree: named).filter { targets[$0].parent == nil }
        if view.origins.isEmpty { view.origins = [-1] }
        return false
    }

    /// A connection in mid-flow does not name its tree, but carries messages of one.
    private func treeOfMessages(_ track: MessageTrack) -> Int? {
        guard let map else { return nil }
        if map.plan.trees.count == 1 { return 0 }
        return track.first.flatMap { map.tree(of: basis.log.topics.topics[$0.topic]) }
    }

    private mutating func note(_ view: VerdictTrack, at server: String, isIdentified: Bool) {
        guard view.tap == nil || view.tap.map({ tapNames[$0] }) == server else { return }
        connections[server, default: ServerConnections()].note(view, isIdentified: isIdentified)
    }

    /// Connections of which only the address says whose they are: the node's, or a subscriber's beside it. A node has one at a
    /// time from its parent, or from one of its backups; the fullest is taken for it, the others for subscribers.
    private mutating func placePresumed() {
        let order = presumed.indices.sorted { left, right in
            let (leftCount, rightCount) = (
                presumed[left].view.messageCount, presumed[right].view.messageCount
            )
            return leftCount != rightCount ? leftCount > rightCount : left < right
        }
        for feed in order.map({ presumed[$0] }) {
            let ofNode = targets(feed.client, tree: feed.tree)
            let fitting = ofNode.filter { mayServe(feed.server, $0) }
            let free = fitting.filter { !isServed($0, besides: feed.view) }
            let isReadable = feed.view.messageCount > 0 || !feed.view.track.interests.isEmpty
            if !free.isEmpty, isReadable || feed.view.isEncrypted {
                place(feed.view, from: feed.server, to: free, tree: feed.tree)
            } else if !free.isEmpty {
                for index in free { targets[index].hasPresence = true }
            } else {
                if fitting.isEmpty {
                    for index in ofNode where !targets[index].presumedServers.contains(feed.server)
                    {
                        targets[index].presumedServers.append(feed.server)
                    }
                }
                placeFeed(
                    feed.view,
                    from: feed.server,
                    to: nil,
                    at: feed.address,
                    tree: feed.tree
                )
            }
            keep(feed.view)
        }
    }

    private func mayServe(_ server: String, _ index: Int) -> Bool {
        let target = targets[index]
        if target.parent.map({ targets[$0].name }) == server { return true }
        let tree = target.tree.flatMap { map?.plan.trees[$0] }
        return tree?.nodes.first { $0.id == target.name }?.backups.contains(server) ?? false
    }

    /// Whether a target has another connection at the same time.
    private func isServed(_ index: Int, besides view: VerdictTrack) -> Bool {
        targets[index].feeds.contains { other in
            guard other.track.flow != view.track.flow else { return false }
            guard other.clock == view.clock, let left = other.track.seenNanoseconds,
                let right = view.track.seenNanoseconds
            else { return true }
            return left.overlaps(right)
        }
    }

    /// From a relay to a child relay, or to a subscriber.
    private mutating func placeFeed(
        _ view: VerdictTrack,
        from server: String,
        to client: String?,
        at address: SocketAddress,
        tree: Int?
    ) {
        var receivers = client.map { targets($0, tree: tree) } ?? []
        if receivers.isEmpty {
            view.origins = targets(server, tree: tree)
            // A subscriber: a stranger to the plan, served all the same.
            guard view.track.count > 0 || !view.track.interests.isEmpty else {
                return place(view, from: server, to: [], tree: tree)
            }
            let tapName = view.tap.map { tapNames[$0] }
            let name =
                tapName.flatMap { $0 != server && targets($0, tree: nil).isEmpty ? $0 : nil }
                ?? "\(address)"
            let tap = tapNames.firstIndex(of: name)
            receivers = extraTargets(name, under: view.origins.first, tap: tap)
        }
        place(view, from: server, to: receivers, tree: tree)
    }

    private mutating func place(
        _ view: VerdictTrack,
        from server: String,
        to receivers: [Int],
        tree: Int?
    ) {
        view.origins = targets(server, tree: tree)
        view.senderLevel = view.origins.map { targets[$0].level }.min() ?? 0
        view.isFromRoot = view.origins.contains { targets[$0].parent == nil }
        for index in receivers {
            if targets[index].tap == nil || targets[index].tap == view.tap {
                feed(index, view, from: server)
            } else {
                view.departures.append(index)
            }
        }
    }

    private func feed(_ index: Int, _ view: VerdictTrack, from server: String?) {
        let target = targets[index]
        if target.tap != nil { view.arrivals.append(index) } else { view.departures.append(index) }
        target.feeds.append(view)
        target.transport = view.isPGM ? "pgm" : target.transport ?? "tcp"
        let planned = target.parent.map { targets[$0].name }
        if let server, server != planned, !target.otherServers.contains(server), target.isPlanned {
            target.otherServers.append(server)
        }
    }

    /// A subscriber of a relay that is not part of the plan.
    private mutating func extraTargets(_ name: String, under parent: Int?, tap: Int?) -> [Int] {
        if let known = targets.firstIndex(where: { $0.name == name && !$0.isPlanned }) {
            return [known]
        }
        guard extraTargetCount < Self.extraTargetCountMax else {
            leftOutTargetCount += 1
            return []
        }
        extraTargetCount += 1
        targets.append(
            VerdictTarget(
                name: name,
                tree: parent.flatMap { targets[$0].tree },
                level: parent.map { targets[$0].level + 1 } ?? 1,
                parent: parent,
                tap: tap,
                isPlanned: false
            )
        )
        return [targets.count - 1]
    }

    /// From the root on: what feeds a track comes before it. What goes up comes last, so that the root's order is the one
    /// that counts.
    private mutating func orderTracks() {
        let order = tracks.indices.sorted { left, right in
            let left = (tracks[left], left)
            let right = (tracks[right], right)
            if left.0.direction != right.0.direction { return left.0.direction == .down }
            if left.0.senderLevel != right.0.senderLevel {
                return left.0.senderLevel < right.0.senderLevel
            }
            // The sender's own capture before those of receivers.
            if left.0.arrivals.isEmpty != right.0.arrivals.isEmpty {
                return left.0.arrivals.isEmpty
            }
            // The fullest track gives the best order.
            if left.0.track.count != right.0.track.count {
                return left.0.track.count > right.0.track.count
            }
            return left.1 < right.1
        }
        tracks = order.map { tracks[$0] }
    }

    private static let extraTargetCountMax = 256
}
