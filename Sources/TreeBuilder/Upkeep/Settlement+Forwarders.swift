extension Settlement {
    /// Lets those forwarders go that reach nobody; nobody else moves for it.
    mutating func dropForwarders(since before: TreeState) {
        guard problem.forwarders != nil else { return }
        var needed = problem
        needed.require(state.islands.flatMap { [$0.head] + $0.members })
        let absent = state.tree.dropLooseForwarders(of: needed, absent: state.absent)
        guard absent != state.absent else { return }
        dropped = absent.indices.filter {
            absent[$0] && !state.absent[$0] && !before.absent[$0]
        }
        cutOff.removeAll { problem.isForwarder($0) }
        state.absent = absent
        problem = problem.without(absent)
    }
}
