import Topology

/// Frees child slots in a tree of links by sending children on to other parents, as matchings are augmented (Kuhn, 1955).
///
/// ```
///   wanted: a slot of p      p full              q full              r has room
///                            p ──▶ c ┄┄┄┄┄┄┄┄┄▶ q ──▶ d ┄┄┄┄┄┄┄┄▶ r
///                            d moves to r, c moves to q, and p has a slot
/// ```
///
/// The chain is the shortest there is, and none of those who move, nor anybody below them, is later than a deadline afterwards. No node
/// moves below itself: chains are made from their end, and taken back where an earlier move has made a later one impossible.
///
/// Where all other parents of the children lie below themselves, a part can be turned around, as in `DegreeRepair`:
///
/// ```
///   p full     y has room          p        y
///   │                                       │
///   c          ┆                            x        x, who needs room for one more child, is the top now,
///   │          ┆            ──▶             │        and p has a slot
///   x ┄┄┄┄┄┄┄┄┄┘                            c
/// ```
final class SlotExchange {
    private let problem: TreeProblem
    let tree: HeightTree
    /// By node, in which search its slots were wanted last.
    private let wantedIn: UnsafeMutablePointer<UInt32>
    /// By node whose slot is wanted: the node that wants it; −1 at the start of a chain.
    private let wantedBy: UnsafeMutablePointer<Int32>
    private var search: UInt32 = 0
    private var queue: ContiguousArray<Int32> = []
    /// Arcs looked at so far: what searches cost.
    private(set) var lookCount = 0

    init(_ problem: TreeProblem, _ tree: HeightTree) {
        self.problem = problem
        self.tree = tree
        wantedIn = .allocate(capacity: problem.nodeCount)
        wantedIn.initialize(repeating: 0, count: problem.nodeCount)
        wantedBy = .allocate(capacity: problem.nodeCount)
        wantedBy.initialize(repeating: -1, count: problem.nodeCount)
    }

    deinit {
        wantedIn.deallocate()
        wantedBy.deallocate()
    }

    /// Forgets which nodes' slots were looked for in vain.
    func startSearch() { search += 1 }

    /// Takes one child from a full node by a chain of moves.
    ///
    /// - Parameters:
    ///   - full: The node.
    ///   - deadline: Nobody who moves may be later.
    ///   - reachMax: How many full nodes are looked at.
    ///   - turns: Whether parts may be turned around.
    /// - Returns: whether it was done. If not, the full nodes that were looked at count as searched until `startSearch`.
    func free(
        _ full: Int,
        deadline: Picoseconds,
        reachMax: Int = .max,
        turns: Bool = false
    ) -> Bool {
        guard wantedIn[full] != search else { return false }
        queue.removeAll(keepingCapacity: true)
        want(full, by: -1)
        var next = 0
        while next < queue.count, queue.count < reachMax {
            let node = Int(queue[next])
            next += 1
            var found: (child: Int, parent: Int, edge: Picoseconds)?
            tree.forEachChild(of: node) { child in
                found = place(for: child, deadline: deadline)
                return found == nil
            }
            if let found { return moveAlong(found.child, to: found.parent, edge: found.edge) }
            guard turns, let turn = turn(atChildrenOf: node, deadline: deadline) else { continue }
            make(turn)
            guard wantedBy[node] >= 0 else { return true }
            let wanting = Int(wantedBy[node])
            let edge = (problem.graph.linkDelay(node, wanting) ?? 0) + problem.hop
            // What was turned may hold the node that wants the slot; the next search sees to the rest.
            _ = moveAlong(wanting, to: node, edge: edge)
            return true
        }
        return false
    }

    private func want(_ full: Int, by node: Int) {
        wantedIn[full] = search
        wantedBy[full] = Int32(node)
        queue.append(Int32(full))
    }

    /// The earliest parent with room that a child can go to; full ones are put into the queue.
    private func place(
        for child: Int,
        deadline: Picoseconds
    ) -> (child: Int, parent: Int, edge: Picoseconds)? {
        let graph = problem.graph
        var best: (child: Int, parent: Int, edge: Picoseconds)?
        let latest = deadline - tree.height[child] - problem.hop
        for arc in graph.arcs(of: child) {
            let other = Int(graph.target[arc])
            lookCount += 1
            guard other != tree.parent[child], tree.capacity[other] > 0,
                tree.delay[other] + graph.delay[arc] <= latest
            else { continue }
            let edge = graph.delay[arc] + problem.hop
            if tree.hasRoom(other) {
                if let best, tree.delay[best.parent] + best.edge <= tree.delay[other] + edge {
                    continue
                }
                guard !tree.isInSubtree(other, of: child) else { continue }
                best = (child, other, edge)
            } else if best == nil, wantedIn[other] != search, !tree.isInSubtree(other, of: child) {
                want(other, by: child)
            }
        }
        return best
    }

    // MARK: Turning

    private struct Turn {
        var top: Int
        var inside: Int
        var outside: Int
        var edge: Picoseconds
    }

    /// How many nodes of a part are looked at for a link that leads out of it.
    var partNodeCountMax = 64

    /// The turn that leaves everybody in time and the part the least late.
    private func turn(atChildrenOf full: Int, deadline: Picoseconds) -> Turn? {
        var best: (turn: Turn, latest: Picoseconds)?
        tree.forEachChild(of: full) { top in
            var pending = ContiguousArray([Int32(top)])
            var next = 0
            while next < pending.count, next < partNodeCountMax {
                let inside = Int(pending[next])
                next += 1
                tree.forEachChild(of: inside) { child in
                    pending.append(Int32(child))
                    return pending.count < partNodeCountMax
                }
                guard inside != top, tree.hasRoom(inside) else { continue }
                // The way back up to the top is as long as the way down was.
                let rest = tree.delay[inside] - tree.delay[top] + tree.height[top]
                for arc in problem.graph.arcs(of: inside) {
                    let outside = Int(problem.graph.target[arc])
                    lookCount += 1
                    let edge = problem.graph.delay[arc] + problem.hop
                    let latest = tree.delay[outside] + edge + rest
                    guard tree.hasRoom(outside), latest <= deadline,
                        latest < best?.latest ?? .max, !tree.isInSubtree(outside, of: top)
                    else { continue }
                    let turn = Turn(top: top, inside: inside, outside: outside, edge: edge)
                    best = (turn, latest)
                }
            }
            return true
        }
        return best?.turn
    }

    /// Each node of the way becomes the child of the one that was its child; from the top on, so that no cycle ever is.
    private func make(_ turn: Turn) {
        var way: ContiguousArray<Int> = [turn.inside]
        while let last = way.last, last != turn.top { way.append(Int(tree.parent[last])) }
        // The lowest part first: it leaves, and the next follows it.
        var edge = turn.edge
        var target = turn.outside
        for node in way {
            let old = tree.edge[node]
            tree.move(node, to: target, edge: edge)
            target = node
            edge = old
        }
    }

    // MARK: Chains

    private func moveAlong(_ last: Int, to free: Int, edge: Picoseconds) -> Bool {
        var done: [(node: Int, parent: Int, edge: Picoseconds)] = []
        var (node, target, edge) = (last, free, edge)
        while true {
            let left = Int(tree.parent[node])
            guard !tree.isInSubtree(target, of: node) else {
                for move in done.reversed() {
                    tree.move(move.node, to: move.parent, edge: move.edge)
                }
                return false
            }
            done.append((node, left, tree.edge[node]))
            tree.move(node, to: target, edge: edge)
            guard wantedBy[left] >= 0 else { return true }
            node = Int(wantedBy[left])
            target = left
            edge = (problem.graph.linkDelay(left, node) ?? 0) + problem.hop
        }
    }
}
