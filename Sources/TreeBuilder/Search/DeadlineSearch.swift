import Topology

/// Lowers the radius by asking for trees that reach all nodes by a deadline, each a little earlier than the last.
///
/// ```
/// a tree, radius R ──▶ deadline just below R: the late nodes are left out
///        ▲                     │
///        │ nobody is           ▼
///        └── left out ◀── take a few pieces out, put them and the absent back in where they still arrive in time
/// ```
///
/// That is ruin and recreate (Schrimpf et al., J. Comput. Phys. 159, 2000) with nodes left out on the way, as in the routing of
/// vehicles with time windows (Nagata & Bräysy, Oper. Res. Lett. 37, 2009; Christiaens & Vanden Berghe, Transp. Sci. 54, 2020): an
/// attempt is kept when what it leaves out weighs no more than before, and a node weighs the more the longer it has been left out.
///
/// Annealing finds no way between trees that differ next to the root, since all trees in between are bad ones. Here the few nodes that
/// make them bad are left out for a while.
struct DeadlineSearch {
    private let problem: TreeProblem
    private let forest: DeadlineForest
    private let nearest: NearestNodes
    private var random: SeededGenerator
    private var best: Arborescence
    private var radius: Picoseconds
    /// Nodes that have no place in the tree.
    private var absent: [Int32]
    private var patience: ContiguousArray<Int>
    private var pieces: [Int32] = []
    private var absentBefore: [Int32] = []
    private var lookCount = 0
    /// Whether the forest is what it was when it was last saved.
    private var isSaved = false

    /// One may get stuck where another does not.
    private static let runCount = 2

    /// How many places are looked at in all; attempts look at more of them where few are in time.
    private static let lookCountMax = 400e6

    /// - Returns: whether this search knows all that the problem asks for, and the tree is not much of a chain: such trees annealing
    ///   orders as well, and here each change would move most of them.
    static func isApplicable(to problem: TreeProblem) -> Bool {
        problem.mode == .mesh && problem.objective == .radius && problem.delayLimit == nil
            && problem.links?.copyMax == nil && problem.delays != nil
            && !problem.fixedParent.contains { $0 >= 0 }
            && problem.capacity.count { $0 > 1 } * 2 > problem.nodeCount
    }

    /// - Returns: the start, or a tree of less radius.
    static func improved(
        _ start: Arborescence,
        of problem: TreeProblem,
        bound: Double,
        effort: Double,
        seed: UInt64
    ) -> Arborescence {
        guard let delays = problem.delays, problem.nodeCount > 2 else { return start }
        return delays.delays.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return start }
            let table = DelayTable(delays: base, nodeCount: problem.nodeCount)
            let nearest = NearestNodes(table)
            let attemptCount = attemptCount(of: problem, effort: effort) / runCount
            let lookCountMax = Int(min(lookCountMax * effort, 1e15)) / runCount
            var best: (tree: Arborescence, radius: Picoseconds)?
            for run in 0..<runCount {
                let seed = seed &+ UInt64(run) &* 0x9E37_79B9
                var search = DeadlineSearch(start, of: problem, nearest, delays: table, seed: seed)
                for _ in 0..<attemptCount
                where Double(search.radius) > bound && search.lookCount < lookCountMax {
                    search.attempt()
                }
                if let best, best.radius <= search.radius { continue }
                best = (search.best, search.radius)
                if Double(search.radius) <= bound { break }
            }
            return best?.tree ?? start
        }
    }

    /// In a release build 1 to 2 s from 50 nodes on.
    private static func attemptCount(of problem: TreeProblem, effort: Double) -> Int {
        let count = Double(problem.nodeCount)
        // Small trees are soon searched through; in large ones each attempt takes longer.
        let attempts = min(100 * count * count, 300_000, 300_000 * 200 / count)
        return Int(min(attempts * max(0, effort), 1e12))
    }

    private init(
        _ start: Arborescence,
        of problem: TreeProblem,
        _ nearest: NearestNodes,
        delays: DelayTable,
        seed: UInt64
    ) {
        self.problem = problem
        forest = DeadlineForest(start, of: problem, delays: delays)
        self.nearest = nearest
        random = SeededGenerator(seed: seed)
        best = start
        radius = forest.radius
        patience = ContiguousArray(repeating: 1, count: problem.nodeCount)
        absent = forest.setDeadline(radius - 1)
    }

    private mutating func attempt() {
        if !isSaved { forest.save() }
        swap(&absent, &absentBefore)
        absent.removeAll(keepingCapacity: true)
        pieces.removeAll(keepingCapacity: true)
        pieces.append(contentsOf: absentBefore)
        takeOut()
        shuffle()
        let weightBefore = absentBefore.reduce(0) { $0 + patience[Int($1)] }
        guard putBack(allowed: allowance(weightBefore)) else {
            forest.restore()
            isSaved = true
            swap(&absent, &absentBefore)
            for node in absent { patience[Int(node)] += 1 }
            return
        }
        isSaved = false
        guard absent.isEmpty else { return }
        best = forest.arborescence()
        radius = forest.radius
        for node in patience.indices { patience[node] = 1 }
        absent = forest.setDeadline(radius - 1)
    }

    /// What the absent may weigh for an attempt to be kept: now and then somewhat more than before.
    private mutating func allowance(_ weightBefore: Int) -> Int {
        guard random.next(below: 8) == 0 else { return weightBefore }
        return weightBefore + weightBefore * random.next(below: 300) / 1000
    }

    // MARK: Ruin

    private static let removalCountMax = 15

    /// Takes a few pieces out of the tree where an absent node, drawn by lot, might stand.
    private mutating func takeOut() {
        let count = 1 + random.next(below: Self.removalCountMax)
        let guest = Int(absentBefore[random.next(below: absentBefore.count)])
        let kind = random.next(below: 3)
        var removedCount = 0
        for trial in 0..<(4 * count) where removedCount < count {
            let isNeighbour = kind == 0 || kind == 2 && trial.isMultiple(of: 2)
            guard let node = isNeighbour ? neighbour(of: guest, among: 2 * count) : rival(of: guest)
            else { continue }
            guard node != forest.root, forest.isInTree(node) else { continue }
            removedCount += 1
            if random.next(below: 5) > 0 {
                forest.cut(node)
                pieces.append(Int32(node))
            } else {
                forest.pluck(node, pieces: &pieces)
            }
        }
    }

    private mutating func neighbour(of guest: Int, among count: Int) -> Int {
        nearest[guest, random.next(below: min(nearest.count, count + 2))]
    }

    /// A child of a node that could have the guest instead; one node is drawn, and mostly it could not.
    private mutating func rival(of guest: Int) -> Int? {
        let host = random.next(below: forest.nodeCount)
        guard forest.isInTree(host),
            forest.time[host] + forest.edge(host, guest) <= forest.deadline,
            forest.childCount[host] > 0
        else { return nil }
        var child = Int(forest.firstChild[host])
        for _ in 0..<random.next(below: Int(forest.childCount[host])) {
            child = Int(forest.nextSibling[child])
        }
        return child
    }

    // MARK: Recreate

    /// The order decides who gets the good places: mostly by lot, sometimes first who can wait least.
    private mutating func shuffle() {
        for last in stride(from: pieces.count - 1, to: 0, by: -1) {
            pieces.swapAt(last, random.next(below: last + 1))
        }
        guard random.next(below: 8) == 0 else { return }
        let keyed = pieces.enumerated().map { position, piece in
            let node = Int(piece)
            let slack = forest.latest[node] - problem.fromRoot.delay[node]
            return (slack: slack, position: position, piece: piece)
        }
        pieces = keyed.sorted { ($0.slack, $0.position) < ($1.slack, $1.position) }.map(\.piece)
    }

    /// Puts each piece in its best place, or takes it apart when it has none.
    ///
    /// - Returns: `false` as soon as the nodes without a place weigh more than allowed.
    private mutating func putBack(allowed: Int) -> Bool {
        var weight = 0
        var next = 0
        while next < pieces.count {
            let top = Int(pieces[next])
            next += 1
            switch place(for: top) {
            case .below(let node): forest.attach(top, to: node)
            case .above(let node): forest.insert(top, above: node)
            case nil:
                forest.split(top, pieces: &pieces)
                absent.append(Int32(top))
                weight += patience[top]
                if weight > allowed { return false }
            }
        }
        return true
    }

    private enum Place {
        case below(Int)
        case above(Int)
    }

    /// The cheapest place where the piece, and all that is then below it, arrives in time: near its parent, without a detour from the
    /// root, no earlier than it must, and without delaying others.
    ///
    /// When there is none nearby, a place near the root is where it may still arrive in time.
    private mutating func place(for top: Int) -> Place? {
        var best = Offer()
        for position in 0..<nearest.count {
            let host = nearest[top, position]
            // The others are farther away.
            if 2 * Double(forest.delays[top, host]) >= best.price { break }
            consider(host, for: top, &best)
        }
        guard best.place == nil, nearest.count < forest.nodeCount - 1 else { return best.place }
        consider(forest.root, for: top, &best)
        for position in 0..<nearest.count {
            let host = nearest[forest.root, position]
            if host != top { consider(host, for: top, &best) }
        }
        return best.place
    }

    private struct Offer {
        var place: Place?
        var price = Double.infinity
    }

    @inline(__always)
    private mutating func consider(_ host: Int, for top: Int, _ best: inout Offer) {
        lookCount += 1
        // Delays are the same both ways; this way round those asked for lie side by side.
        let delay = forest.delays[top, host]
        let time = forest.time[host] + delay + forest.hop
        let latest = forest.latest[top]
        guard time <= latest, forest.isInTree(host) else { return }
        let detour = time - problem.fromRoot.delay[top]
        let price = 2 * Double(delay) + Double(detour) + 0.05 * Double(latest - time)
        guard price < best.price else { return }
        if forest.hasRoom(host), !blinks() { best = Offer(place: .below(host), price: price) }
        guard forest.hasRoom(top) else { return }
        var child = Int(forest.firstChild[host])
        while child >= 0 {
            let later = time + forest.edge(top, child)
            let total = price + Double(later - forest.time[child])
            if later <= forest.latest[child], total < best.price, !blinks() {
                best = Offer(place: .above(child), price: total)
            }
            child = Int(forest.nextSibling[child])
        }
    }

    /// Places are overlooked now and then, lest all attempts come out the same.
    private mutating func blinks() -> Bool { random.next(below: 128) < 3 }
}
