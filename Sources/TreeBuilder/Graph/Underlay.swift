/// A network some of whose nodes a problem is about: messages between these cross its links.
struct Underlay {
    let graph: Graph
    let delays: DelayMatrix
    /// By node of the problem.
    let places: ContiguousArray<Int32>

    @inline(__always)
    func place(of node: Int) -> Int { Int(places[node]) }
}
