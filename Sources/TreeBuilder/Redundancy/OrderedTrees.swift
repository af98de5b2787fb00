import Topology

/// Two trees of links, one up the order of every block and one down it; see `BlockOrder`.
///
/// Any choice of parents that stand before makes a tree, and so does any choice of parents that stand behind. So limits of children leave a
/// matching of nodes with slots, two for every node: augmenting paths (Kuhn, 1955) fill them, and then nodes move to where they are heard sooner.
struct OrderedTrees {
    private let problem: TreeProblem
    private let order: BlockOrder
    /// By node and tree, `2 * node + tree`.
    private var parent: ContiguousArray<Int32>
    private var delay: ContiguousArray<Picoseconds>
    private var free: ContiguousArray<Int32>
    /// By parent, the seats that take its slots.
    private var seats: [[Int]]
    private let candidates: [[Int]]
    /// A seat for which no slot is left; `nil` = all have one.
    private(set) var unseated: Int?

    private static let passCountMax = 8

    init(_ problem: TreeProblem, _ order: BlockOrder) {
        self.problem = problem
        self.order = order
        let count = problem.nodeCount
        parent = ContiguousArray(repeating: -1, count: 2 * count)
        delay = ContiguousArray(repeating: 0, count: 2 * count)
        free = problem.capacity
        seats = [[Int]](repeating: [], count: count)
        candidates = (0..<(2 * count)).map { order.parents(of: $0 / 2, inSecond: $0 % 2 == 1) }
        for seat in turns where !take(seat) {
            unseated = seat / 2
            return
        }
        settle()
    }

    /// Parents' seats before those of their children, in either tree.
    private var turns: [Int] {
        var blocks: [(last: Int, nodes: [Int])] = []
        var place = ContiguousArray<Int>(repeating: -1, count: problem.nodeCount)
        for node in order.order.dropFirst() {
            let last = Int(order.last[node])
            if place[last] < 0 {
                place[last] = blocks.count
                blocks.append((last, []))
            }
            blocks[place[last]].nodes.append(node)
        }
        return blocks.flatMap { block in
            let up = block.nodes.sorted { order.position[$0] < order.position[$1] }
            return up.map { 2 * $0 } + up.reversed().map { 2 * $0 + 1 }
        }
    }

    private func edge(_ seat: Int, at host: Int) -> Picoseconds {
        problem.edgeDelay(from: host, to: seat / 2) ?? problem.hop
    }

    private func delay(of seat: Int, at host: Int) -> Picoseconds {
        delay[2 * host + seat % 2] + edge(seat, at: host)
    }

    // MARK: A slot for every seat

    private mutating func take(_ seat: Int) -> Bool {
        let best = candidates[seat].filter { free[$0] > 0 }
            .min { (delay(of: seat, at: $0), $0) < (delay(of: seat, at: $1), $1) }
        if let best {
            self.seat(seat, at: best)
            return true
        }
        var isTried = ContiguousArray(repeating: false, count: problem.nodeCount)
        return augment(seat, &isTried)
    }

    private mutating func seat(_ seat: Int, at host: Int) {
        parent[seat] = Int32(host)
        free[host] -= 1
        seats[host].append(seat)
        delay[seat] = delay(of: seat, at: host)
    }

    private mutating func leave(_ seat: Int) {
        let host = Int(parent[seat])
        free[host] += 1
        seats[host].removeAll { $0 == seat }
        parent[seat] = -1
    }

    /// Somebody at a full parent goes elsewhere, where somebody may have to do the same.
    private mutating func augment(_ seat: Int, _ isTried: inout ContiguousArray<Bool>) -> Bool {
        for host in candidates[seat] where !isTried[host] {
            isTried[host] = true
            if free[host] > 0 {
                self.seat(seat, at: host)
                return true
            }
            for other in seats[host] where other != seat {
                leave(other)
                if augment(other, &isTried) {
                    self.seat(seat, at: host)
                    return true
                }
                self.seat(other, at: host)
            }
        }
        return false
    }

    // MARK: Where nodes are heard soonest

    private mutating func settle() {
        let turns = turns
        for _ in 0..<Self.passCountMax {
            var isChanged = false
            for seat in turns {
                let host = Int(parent[seat])
                delay[seat] = delay(of: seat, at: host)
                let best = candidates[seat].filter { free[$0] > 0 }
                    .min { (delay(of: seat, at: $0), $0) < (delay(of: seat, at: $1), $1) }
                guard let best, delay(of: seat, at: best) < delay[seat] else { continue }
                leave(seat)
                self.seat(seat, at: best)
                isChanged = true
            }
            if !isChanged { break }
        }
        for seat in turns { delay[seat] = delay(of: seat, at: Int(parent[seat])) }
    }

    func tree(isSecond: Bool) -> Arborescence {
        var tree = Arborescence(nodeCount: problem.nodeCount)
        for node in 0..<problem.nodeCount {
            let seat = 2 * node + (isSecond ? 1 : 0)
            guard parent[seat] >= 0 else { continue }
            tree.attach(node, to: Int(parent[seat]), edge: edge(seat, at: Int(parent[seat])))
        }
        return tree
    }
}
