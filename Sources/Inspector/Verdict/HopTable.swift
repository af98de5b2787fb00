/// The hops of a verdict, in the order in which they were first mentioned.
struct HopTable {
    private(set) var hops: [Verdict.Hop] = []

    subscript(index: Int) -> Verdict.Hop {
        get { hops[index] }
        set { hops[index] = newValue }
    }

    /// The hop's index; a new hop is added.
    mutating func index(from origin: String, to target: String, tree: String?) -> Int {
        let known = hops.firstIndex {
            $0.from == origin && $0.to == target && $0.tree == tree
        }
        if let known { return known }
        hops.append(Verdict.Hop(from: origin, to: target, tree: tree))
        return hops.count - 1
    }
}
