extension RelaySetup {
    /// What a relay opens for a tree when it starts.
    func openings(of tree: TreeID) -> [RelayDirective] {
        var openings: [RelayDirective] = []
        for number in islands.indices where islands[number] == tree {
            openings.append(.open(IslandID(number)))
        }
        for number in groups.indices where groups[number].tree == tree {
            openings.append(.join(GroupID(number)))
        }
        guard !seats[tree.rawValue].isRoot else { return openings }
        let isHeard = groups.contains { $0.tree == tree && $0.purpose == .parent }
        if !isHeard { openings.append(.connect(.feed(tree))) }
        return openings + [.connect(.uplink(tree))]
    }
}
