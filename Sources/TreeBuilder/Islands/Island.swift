import Topology

/// A segment that is served by multicast in one tree, while the tree is being built.
///
/// ```
///      parent
///        │ TCP
///       head ═══╤═══╤═══╗      one transmission for all of them,
///               ▼   ▼   ▼      and for the subscribers that joined the group themselves
///               members
/// ```
///
/// The members are children of the head by the segment: fixed ones, that together take one of its child slots.
struct Island: Equatable {
    /// Index into the topology's segments.
    var segment: Int
    var head: Int
    /// In file order; may be empty, when only subscribers listen.
    var members: [Int]
}

extension TreeProblem {
    /// This problem with the islands in it.
    ///
    /// The head pays one child slot for all members of an island, because it sends once.
    func with(_ islands: [Island]) -> TreeProblem {
        guard !islands.isEmpty else { return self }
        var problem = self
        for island in islands {
            let paths = delays == nil ? ShortestPaths(from: island.head, in: graph) : nil
            // A slot is paid even for subscribers alone: the transmission is one more. Who has no limit pays nothing.
            if Int(capacity[island.head]) < nodeCount - 1 {
                problem.capacity[island.head] += Int32(island.members.count) - 1
            }
            for member in island.members {
                let link = mode == .link ? graph.linkDelay(island.head, member) : nil
                let shortest = delays?[island.head, member] ?? paths?.delay[member] ?? 0
                problem.fixedParent[member] = Int32(island.head)
                problem.segmentEdge[member] = (link ?? shortest) + hop
                if graph.linkDelay(island.head, member) == nil { problem.skipsLinks = true }
            }
        }
        return problem
    }
}
