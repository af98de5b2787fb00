import Topology

/// Gives every piece of a broken tree a place again, and moves nothing else while there is one.
///
/// ```
///   root            A piece is a node without a parent and all below it. The tallest goes first, each to where its top is
///    │ ╲            heard soonest, among the nodes that are attached and have a slot. One whose own slots the others will
///    a  b   ✝       need goes before those that bring none.
///    │     ╱ ╲
///    c    P1  P2
/// ```
///
/// In mesh mode that is one move for each piece, the least possible, whenever the limits leave a tree at all: see `places(for:)`. In
/// link mode (`Reattachment+Links`) a piece may have to be turned around, which moves the nodes on the way.
struct Reattachment {
    enum Failure: Error, Equatable {
        /// All nodes together have fewer slots than children; so many are missing.
        case tooFewSlots(missing: Int)
        /// No tree was found that keeps the limits; the node is one that has no place.
        case noPlace(node: Int)
    }

    struct Outcome {
        var tree: Arborescence
        /// Link mode: nodes to which no way is left, or none that limits allow, in node order; they have no parent.
        var cutOff: [Int]
    }

    let problem: TreeProblem
    let root: Int
    var tree: Arborescence
    /// Of nodes that are attached.
    var delay: ContiguousArray<Picoseconds>
    var isAttached: ContiguousArray<Bool>
    var attached: ContiguousArray<Int32> = []
    /// Slots without a child.
    var free: ContiguousArray<Int32>
    /// Of the attached.
    var freeCount = 0
    let children: Subtrees
    let ledger: LinkLedger?
    private var isInPiece: ContiguousArray<Bool>

    /// A top and what is below it, parents first.
    struct Piece {
        var nodes: ContiguousArray<Int32>
        /// The delay from the top to the farthest.
        var height: Picoseconds
        var freeCount: Int

        var top: Int { Int(nodes[0]) }
    }

    /// `broken` has a parent of −1 at the root, at tops of pieces, and at absent nodes, and closes no circle.
    ///
    /// - Returns: the whole tree.
    /// - Throws: `Failure` when the limits leave no place.
    static func run(
        _ broken: Arborescence,
        of problem: TreeProblem,
        root: Int? = nil,
        seed: UInt64 = 1
    ) throws(Failure) -> Outcome {
        var work = Reattachment(broken, of: problem, root: root ?? problem.root)
        if problem.mode == .link { return work.attachAlongLinks(seed: seed) }
        let tops = work.tops
        try work.attachAll()
        guard work.root == problem.root else { return Outcome(tree: work.tree, cutOff: []) }
        return Outcome(
            tree: PlacePolish.polished(work.tree, of: problem, moving: tops),
            cutOff: []
        )
    }

    init(_ broken: Arborescence, of problem: TreeProblem, root: Int) {
        let count = problem.nodeCount
        self.problem = problem
        self.root = root
        tree = broken
        children = Subtrees(broken, root: root)
        let lists = children
        free = ContiguousArray((0..<count).map { problem.capacity[$0] - lists.childCount(of: $0) })
        delay = ContiguousArray(repeating: 0, count: count)
        isAttached = ContiguousArray(repeating: false, count: count)
        isInPiece = isAttached
        ledger = problem.links?.copyMax == nil ? nil : LinkLedger(problem, broken)
        attach(piece(root), delay: 0)
    }

    /// The tops of what is not attached, in node order.
    var tops: [Int] {
        (0..<problem.nodeCount).filter {
            tree.parent[$0] < 0 && !isAttached[$0] && !problem.isAbsent($0)
        }
    }

    func piece(_ top: Int) -> Piece {
        var piece = Piece(nodes: [Int32(top)], height: 0, freeCount: 0)
        var depth: ContiguousArray<Picoseconds> = [0]
        var next = 0
        while next < piece.nodes.count {
            let node = Int(piece.nodes[next])
            piece.height = max(piece.height, depth[next])
            piece.freeCount += Int(max(0, free[node]))
            for child in children.children(of: node) {
                piece.nodes.append(child)
                depth.append(depth[next] + tree.edge[Int(child)])
            }
            next += 1
        }
        return piece
    }

    /// The top's parent is set already.
    private mutating func attach(_ piece: Piece, delay topDelay: Picoseconds) {
        delay[piece.top] = topDelay
        for entry in piece.nodes {
            let node = Int(entry)
            if node != piece.top { delay[node] = delay[Int(tree.parent[node])] + tree.edge[node] }
            isAttached[node] = true
            attached.append(entry)
        }
        freeCount += piece.freeCount
    }

    // MARK: Mesh mode

    private mutating func attachAll() throws(Failure) {
        var pieces = tops.map(piece).sorted {
            $0.height != $1.height ? $0.height > $1.height : $0.top < $1.top
        }
        while !pieces.isEmpty {
            let index = try next(of: pieces)
            let piece = pieces.remove(at: index)
            try place(piece)
        }
    }

    /// The tallest, while there is room for all that are left; else the tallest of those that have a slot themselves.
    private func next(of pieces: [Piece]) throws(Failure) -> Int {
        if freeCount >= pieces.count { return 0 }
        if let index = pieces.firstIndex(where: { $0.freeCount > 0 }) { return index }
        if freeCount > 0 { return 0 }
        throw .tooFewSlots(missing: pieces.count)
    }

    private mutating func place(_ piece: Piece) throws(Failure) {
        if freeCount == 0 { return try insert(piece) }
        guard let (parent, edge) = bestParent(of: piece.top) else {
            throw .noPlace(node: piece.top)
        }
        hang(piece.top, at: parent, edge: edge)
        attach(piece, delay: delay[parent] + edge)
    }

    private mutating func hang(_ node: Int, at parent: Int, edge: Picoseconds) {
        tree.attach(node, to: parent, edge: edge)
        free[parent] -= 1
        freeCount -= 1
        ledger?.cross(from: parent, to: node, 1)
    }

    /// Where the node is heard soonest, or, in the objective `cost`, most cheaply among the places that are in time.
    func bestParent(of node: Int) -> (parent: Int, edge: Picoseconds)? {
        var best: (parent: Int, edge: Picoseconds, isLate: Bool, price: Double, delay: Picoseconds)?
        func consider(_ parent: Int, _ edge: Picoseconds) {
            let there = delay[parent] + edge
            let isLate = problem.delayLimit.map { there > $0[node] } ?? false
            if problem.objective != .cost, let best, (there, parent) >= (best.delay, best.parent) {
                return
            }
            let price =
                problem.objective == .cost && !isLate ? problem.price(from: parent, to: node) : 0
            let isBetter =
                best.map {
                    isLate != $0.isLate
                        ? $0.isLate : (price, there, parent) < ($0.price, $0.delay, $0.parent)
                } ?? true
            guard isBetter, bears(node, at: parent) else { return }
            best = (parent, edge, isLate, price, there)
        }
        guard problem.delays == nil else {
            for entry in attached where free[Int(entry)] > 0 {
                if let edge = problem.edgeDelay(from: Int(entry), to: node) {
                    consider(Int(entry), edge)
                }
            }
            return best.map { ($0.parent, $0.edge) }
        }
        // Nobody is heard sooner than the links allow: what would be later than the best place at the least is not looked at, nor
        // what lies behind it.
        let least = root == problem.root ? problem.fromRoot.delay : nil
        var search = NearSearch(from: node, in: problem.graph)
        while let (near, distance) = search.next(leadsOn: { near, distance in
            guard let best else { return true }
            return distance + (least?[near] ?? 0) + problem.hop < best.delay
        }) {
            if isAttached[near], free[near] > 0 { consider(near, distance + problem.hop) }
        }
        return best.map { ($0.parent, $0.edge) }
    }

    /// Whether the links carry one more copy.
    private func bears(_ node: Int, at parent: Int) -> Bool {
        guard let ledger else { return true }
        let before = ledger.overload
        ledger.cross(from: parent, to: node, 1)
        defer { ledger.cross(from: parent, to: node, -1) }
        return ledger.overload <= before
    }

    /// Nobody that is attached has a slot, but the piece has: it goes between two nodes.
    private mutating func insert(_ piece: Piece) throws(Failure) {
        let inside = piece.nodes.map { Int($0) }.filter { free[$0] > 0 }
        var best: (child: Int, below: Int, edges: (Picoseconds, Picoseconds), delay: Picoseconds)?
        for child in attached.map({ Int($0) })
        where child != root && problem.fixedParent[child] < 0 {
            let parent = Int(tree.parent[child])
            guard let above = problem.edgeDelay(from: parent, to: piece.top) else { continue }
            for node in inside {
                guard let below = problem.edgeDelay(from: node, to: child) else { continue }
                let there = delay[parent] + above + depth(of: node, below: piece.top) + below
                let height = there - delay[child]
                if let best, best.delay <= height { continue }
                best = (child, node, (above, below), height)
            }
        }
        guard let best else {
            throw inside.isEmpty ? .tooFewSlots(missing: 1) : .noPlace(node: piece.top)
        }
        let parent = Int(tree.parent[best.child])
        ledger?.cross(from: parent, to: best.child, -1)
        ledger?.cross(from: parent, to: piece.top, 1)
        ledger?.cross(from: best.below, to: best.child, 1)
        tree.attach(piece.top, to: parent, edge: best.edges.0)
        tree.attach(best.child, to: best.below, edge: best.edges.1)
        free[best.below] -= 1
        // Every delay below has changed.
        self = Reattachment(tree, of: problem, root: root)
    }

    private func depth(of node: Int, below top: Int) -> Picoseconds {
        var depth: Picoseconds = 0
        var current = node
        while current != top {
            depth += tree.edge[current]
            current = Int(tree.parent[current])
        }
        return depth
    }
}
