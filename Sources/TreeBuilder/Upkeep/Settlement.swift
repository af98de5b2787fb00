import Topology

/// A tree after an event, before it is a plan.
struct Settlement {
    var state: TreeState
    /// With the nodes that are left.
    var problem: TreeProblem
    /// Nodes that lost every way to the root, in node order.
    var cutOff: [Int] = []
    /// A node that stays until all others have moved, and then leaves, and the parent it has meanwhile; −1 = its old one.
    var leaving: (node: Int, parent: Int)?
    /// Forwarders that were in the tree, and forward to nobody any more, in node order.
    var dropped: [Int] = []
}
