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

    private var map: PlanMap? { basis.map }
    private var tapNames: [String] { basis.tapNames }

    init(_ basis: VerdictBasis) {
        self.basis = basis
        if basis.map == nil { makeTapTargets() } else { makePlanTargets() }
        for track in basis.log.tracks { place(track) }
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
            placeConnection(view, facts, from: source, to: destination)
        }
        if view.arrivals.isEmpty, view.departures.isEmpty, view.origins.isEmpty {
            guard track.count > 0 else { return }
            unplacedTrackCount += 1
            unplacedMessageCount += track.count
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

    private mutating func placeConnection(
        _ view: VerdictTrack,
        _ facts: FlowFacts,
        from source: SocketAddress,
        to destination: SocketAddress
    ) {
        guard let map else { return }
        let tapName = view.tap.map { tapNames[$0] }
        let tree = facts.tree.flatMap { name in
            map.plan.trees.firstIndex { $0.name == name }
        }
        if let server = map.endpoint(at: source, tap: tapName), server.side == .subscribers {
            let client = facts.clientNode ?? map.node(at: destination.address)
            return placeFeed(
                view,
                from: server.node,
                to: client,
                at: destination,
                tree: tree
            )
        }
        guard let server = map.endpoint(at: destination, tap: tapName),
            server.side == .publishers
        else { return }
        view.direction = .up
        // What reaches the root, by whatever way, is in the tree.
        view.origins = targets(server.node, tree: tree).filter { targets[$0].parent == nil }
        if view.origins.isEmpty { view.origins = [-1] }
    }

    /// From a relay to a child relay, or to a subscriber.
    private mutating func placeFeed(
        _ view: VerdictTrack,
        from server: String,
        to client: String?,
        at address: SocketAddress,
        tree: Int?
    ) {
        view.origins = targets(server, tree: tree)
        view.senderLevel = view.origins.map { targets[$0].level }.min() ?? 0
        view.isFromRoot = view.origins.contains { targets[$0].parent == nil }
        let tapName = view.tap.map { tapNames[$0] }
        var receivers = client.map { targets($0, tree: tree) } ?? []
        if receivers.isEmpty {
            // A subscriber: a stranger to the plan, served all the same.
            guard view.track.count > 0 || !view.track.interests.isEmpty else { return }
            let name =
                tapName.flatMap { $0 != server && targets($0, tree: nil).isEmpty ? $0 : nil }
                ?? "\(address)"
            let tap = tapNames.firstIndex(of: name)
            receivers = extraTargets(name, under: view.origins.first, tap: tap)
        }
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
