extension Validation {
    mutating func checkSegments() {
        var names: [String: Topology.Segment] = [:]
        for segment in topology.segments where !mistakes.isFull {
            let name = "segment \(quoted(segment.name))"
            if let reason = Self.refusal(ofName: segment.name) {
                mistakes.add(
                    "the segment name \(quoted(segment.name)) \(reason)",
                    at: segment.position
                )
            }
            if let earlier = names.updateValue(segment, forKey: segment.name) {
                mistakes.add(
                    "\(name) is defined twice\(line(of: earlier.position)); rename one",
                    at: segment.position
                )
            }
            checkMembers(of: segment, name: name)
            checkValues(of: segment, name: name)
        }
        checkGroups()
    }

    private mutating func checkMembers(of segment: Topology.Segment, name: String) {
        if segment.members.count < 2 {
            mistakes.add("\(name) needs at least two members", at: segment.position)
        }
        var members: Set<Int> = []
        for member in segment.members {
            if !isNode(member) {
                mistakes.add("a member of \(name) is no node", at: segment.position)
            } else if !members.insert(member).inserted {
                mistakes.add(
                    "\(name) names \(id(member)) twice; remove one",
                    at: segment.position
                )
            }
        }
        var reached: Set<Int> = []
        for place in segment.memberInterfaces where isNode(place.member) {
            if !members.contains(place.member) {
                mistakes.add(
                    "\(name) gives an interface to \(id(place.member)), which is no member; "
                        + "add it to members, or remove the interface",
                    at: segment.position
                )
            } else if !reached.insert(place.member).inserted {
                mistakes.add(
                    "\(name) gives two interfaces to \(id(place.member)); keep one",
                    at: segment.position
                )
            }
        }
        for text in segment.memberInterfaces.map(\.interface)
            + [segment.interface].compactMap(\.self)
        {
            guard let reason = Self.refusal(ofInterface: text) else { continue }
            mistakes.add("an interface of \(name): \(reason)", at: segment.position)
        }
    }

    private mutating func checkValues(of segment: Topology.Segment, name: String) {
        if !(0...1_000_000_000).contains(segment.subscriberCount) {
            mistakes.add(
                "subscribers of \(name) is \(segment.subscriberCount); "
                    + "it must be between 0 and 1000000000",
                at: segment.position
            )
        }
        if let rate = segment.rateBitsPerSecond, !(rate > 0 && rate <= Quantity.bitsPerSecondMax) {
            mistakes.add(
                "the rate of \(name) must be over 0 and at most 1e18 bit/s",
                at: segment.position
            )
        }
        if let reason = Self.refusal(ofGroup: segment.group) {
            mistakes.add("the group of \(name): \(reason)", at: segment.position)
        }
        var trees: Set<String> = []
        for own in segment.treeGroups {
            if !topology.trees.contains(where: { $0.name == own.tree }) {
                mistakes.add(
                    "\(name) has a group for tree \(quoted(own.tree)), which does not exist; "
                        + "name one of the trees",
                    at: segment.position
                )
            } else if !trees.insert(own.tree).inserted {
                mistakes.add(
                    "\(name) has two groups for tree \(quoted(own.tree)); keep one",
                    at: segment.position
                )
            }
            if let reason = Self.refusal(ofGroup: own.group) {
                mistakes.add(
                    "the group of tree \(quoted(own.tree)) in \(name): \(reason)",
                    at: segment.position
                )
            }
        }
    }

    // MARK: Groups

    /// No two trees, no two segments and no feed may meet at one group and port: what is sent for one tree would be taken
    /// for another's, and a feed that hears an island would send its messages round for ever.
    private mutating func checkGroups() {
        var owners: [GroupAddress: String] = [:]
        for segment in topology.segments where Self.refusal(ofGroup: segment.group) == nil {
            for (number, tree) in topology.trees.enumerated() where !mistakes.isFull {
                let owner = "tree \(quoted(tree.name)) in segment \(quoted(segment.name))"
                guard let group = segment.group(ofTree: number, named: tree.name) else {
                    mistakes.add(
                        "\(owner) would use port \(number) after that of \(segment.group), which is "
                            + "beyond 65535; lower the port, or give the tree a group under groups",
                        at: segment.position
                    )
                    continue
                }
                guard case .success(let address) = GroupAddress.parse(group),
                    let other = owners.updateValue(owner, forKey: address)
                else { continue }
                mistakes.add(
                    "\(owner) and \(other) would both use the group \(group); "
                        + "each tree of a segment takes one port, counted up from its group",
                    at: segment.position
                )
            }
        }
        var outsiders = OutsiderCheck(
            topology: topology,
            endpointOwners: endpointOwners,
            groupOwners: owners,
            mistakes: mistakes
        )
        outsiders.run()
        mistakes = outsiders.mistakes
    }

    /// Interfaces stand in endpoints, whose parts are divided by these signs.
    static func refusal(ofInterface text: String) -> String? {
        if text.isEmpty || text.contains(where: { ";,/ ".contains($0) || $0.isNewline }) {
            return "\(quoted(text)) is no interface; write a name such as eth1, or its address"
        }
        return nil
    }

    static func refusal(ofGroup group: String) -> String? {
        guard case .failure(let refusal) = GroupAddress.parse(group) else { return nil }
        return refusal.reason
    }
}
