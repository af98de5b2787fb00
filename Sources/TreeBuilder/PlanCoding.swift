import Vocabulary
public import Topology

// The keys of a plan file. What is absent is written as `null`, so every reader sees the same keys always; only what few plans
// have, such as `stall`, is left out. The encoders are spelled out because synthesised ones leave all absent values out. Decoders are spelled out where older
// plans lack a key.

extension Topology.Mode: Codable {}
extension Topology.Objective: Codable {}
extension Topology.MulticastTransport: Codable {}

extension Plan {
    enum CodingKeys: String, CodingKey {
        case name, epoch, security, nodes, trees, notes
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            epoch: try container.decodeIfPresent(Int.self, forKey: .epoch) ?? 1,
            nodes: try container.decode([PlanNode].self, forKey: .nodes),
            trees: try container.decode([TreePlan].self, forKey: .trees),
            notes: try container.decodeIfPresent([String].self, forKey: .notes) ?? []
        )
        security =
            try container.decodeIfPresent(SecurityProfile.self, forKey: .security) ?? .none
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(epoch, forKey: .epoch)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(trees, forKey: .trees)
        try container.encode(notes, forKey: .notes)
        if security != .none { try container.encode(security, forKey: .security) }
    }
}

extension PlanNode {
    enum CodingKeys: String, CodingKey {
        case id, label
        case publishersEndpoint = "publishers"
        case subscribersEndpoint = "subscribers"
        case controlEndpoint = "control"
        case overflow, stall, region, websocket, key, allow, access
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(label, forKey: .label)
        try container.encode(publishers, forKey: .publishersEndpoint)
        try container.encode(subscribers, forKey: .subscribersEndpoint)
        try container.encode(control, forKey: .controlEndpoint)
        try container.encode(overflow, forKey: .overflow)
        try container.encodeIfPresent(stall, forKey: .stall)
        try container.encode(region, forKey: .region)
        try container.encodeIfPresent(websocket, forKey: .websocket)
        try container.encodeIfPresent(key, forKey: .key)
        try container.encodeIfPresent(allow, forKey: .allow)
        try container.encodeIfPresent(access, forKey: .access)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let publishers = try container.decodeIfPresent(PlacePlan.self, forKey: .publishersEndpoint)
        let subscribers = try container.decodeIfPresent(
            PlacePlan.self,
            forKey: .subscribersEndpoint
        )
        let control = try container.decodeIfPresent(PlacePlan.self, forKey: .controlEndpoint)
        self.init(
            id: try container.decode(String.self, forKey: .id),
            label: try container.decode(String.self, forKey: .label),
            publishersEndpoint: publishers?.advertise,
            subscribersEndpoint: subscribers?.advertise,
            controlEndpoint: control?.advertise,
            bind: Topology.BindEndpoints(
                publishers: publishers?.bind,
                subscribers: subscribers?.bind,
                control: control?.bind
            ),
            overflow: try container.decodeIfPresent(OverflowPolicy.self, forKey: .overflow),
            stall: try container.decodeIfPresent(StallTimeout.self, forKey: .stall),
            region: try container.decodeIfPresent(String.self, forKey: .region)
        )
        websocket = try container.decodeIfPresent(String.self, forKey: .websocket)
        key = try container.decodeIfPresent(String.self, forKey: .key)
        allow = try container.decodeIfPresent(AllowedKeys.self, forKey: .allow)
        access = try container.decodeIfPresent(AccessList.self, forKey: .access)
    }
}

extension TreePlan {
    enum CodingKeys: String, CodingKey {
        case name, topics, overflow, stall, access, root, mode, objective, fanOut, hopDelayMs,
            radiusMs
        case meanMs, lowerBoundMs, gap, seed, nodes, islands, feeds, sinks, modeReason
        case fanOutReason, cost, costUnit, lowerBoundCost, delayBound, alternatives
        case standbys, unprotected, leftOut
        case redundancy = "redundant"
        case regions
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(topics, forKey: .topics)
        try container.encode(overflow, forKey: .overflow)
        try container.encodeIfPresent(stall, forKey: .stall)
        try container.encodeIfPresent(access, forKey: .access)
        try container.encode(root, forKey: .root)
        try container.encode(mode, forKey: .mode)
        try container.encode(objective, forKey: .objective)
        try container.encode(fanOut, forKey: .fanOut)
        try container.encode(hopDelayMs, forKey: .hopDelayMs)
        try container.encode(radiusMs, forKey: .radiusMs)
        try container.encode(meanMs, forKey: .meanMs)
        try container.encode(lowerBoundMs, forKey: .lowerBoundMs)
        try container.encode(gap, forKey: .gap)
        try container.encode(seed, forKey: .seed)
        try container.encode(nodes, forKey: .nodes)
        try container.encode(islands, forKey: .islands)
        try container.encode(feeds, forKey: .feeds)
        try container.encode(sinks, forKey: .sinks)
        try container.encode(modeReason, forKey: .modeReason)
        try container.encode(fanOutReason, forKey: .fanOutReason)
        try container.encode(cost, forKey: .cost)
        try container.encode(costUnit, forKey: .costUnit)
        try container.encode(lowerBoundCost, forKey: .lowerBoundCost)
        try container.encode(delayBound, forKey: .delayBound)
        try container.encode(alternatives, forKey: .alternatives)
        try container.encode(standbys, forKey: .standbys)
        try container.encode(unprotected, forKey: .unprotected)
        if !leftOut.isEmpty { try container.encode(leftOut, forKey: .leftOut) }
        try container.encodeIfPresent(redundancy, forKey: .redundancy)
        try container.encodeIfPresent(regions, forKey: .regions)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try container.decode(String.self, forKey: .name),
            topics: try container.decode([String].self, forKey: .topics),
            overflow: try container.decodeIfPresent(OverflowPolicy.self, forKey: .overflow),
            stall: try container.decodeIfPresent(StallTimeout.self, forKey: .stall),
            root: try container.decode(String.self, forKey: .root),
            mode: try container.decode(Topology.Mode.self, forKey: .mode),
            objective: try container.decode(Topology.Objective.self, forKey: .objective),
            fanOut: try container.decodeIfPresent(Int.self, forKey: .fanOut),
            hopDelayMs: try container.decode(Double.self, forKey: .hopDelayMs),
            radiusMs: try container.decode(Double.self, forKey: .radiusMs),
            meanMs: try container.decode(Double.self, forKey: .meanMs),
            lowerBoundMs: try container.decode(Double.self, forKey: .lowerBoundMs),
            gap: try container.decode(Double.self, forKey: .gap),
            seed: try container.decode(UInt64.self, forKey: .seed),
            nodes: try container.decode([TreeNode].self, forKey: .nodes),
            islands: try container.decodeIfPresent([IslandPlan].self, forKey: .islands) ?? [],
            feeds: try container.decodeIfPresent([FeedPlan].self, forKey: .feeds) ?? [],
            sinks: try container.decodeIfPresent([FeedPlan].self, forKey: .sinks) ?? []
        )
        access = try container.decodeIfPresent(AccessList.self, forKey: .access)
        modeReason = try container.decodeIfPresent(String.self, forKey: .modeReason)
        fanOutReason = try container.decodeIfPresent(String.self, forKey: .fanOutReason)
        cost = try container.decodeIfPresent(Double.self, forKey: .cost)
        costUnit = try container.decodeIfPresent(String.self, forKey: .costUnit)
        lowerBoundCost = try container.decodeIfPresent(Double.self, forKey: .lowerBoundCost)
        delayBound = try container.decodeIfPresent(String.self, forKey: .delayBound)
        alternatives =
            try container.decodeIfPresent([Alternative].self, forKey: .alternatives) ?? []
        standbys = try container.decodeIfPresent([String].self, forKey: .standbys) ?? []
        unprotected =
            try container.decodeIfPresent([Unprotected].self, forKey: .unprotected) ?? []
        leftOut = try container.decodeIfPresent([String].self, forKey: .leftOut) ?? []
        redundancy = try container.decodeIfPresent(RedundancyPlan.self, forKey: .redundancy)
        regions = try container.decodeIfPresent(RegionPlan.self, forKey: .regions)
    }
}

extension TreePlan.TreeNode {
    enum CodingKeys: String, CodingKey {
        case id, label, parent, segment, backups, rank, level, delayMs, children
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(label, forKey: .label)
        try container.encode(parent, forKey: .parent)
        try container.encode(segment, forKey: .segment)
        try container.encode(backups, forKey: .backups)
        try container.encode(rank, forKey: .rank)
        try container.encode(level, forKey: .level)
        try container.encode(delayMs, forKey: .delayMs)
        try container.encode(children, forKey: .children)
    }
}

extension IslandPlan {
    enum CodingKeys: String, CodingKey {
        case segment, carriage, reason, head, members, subscribers, transport, group, rateBps
        case interfaces
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(segment, forKey: .segment)
        try container.encode(carriage, forKey: .carriage)
        try container.encode(reason, forKey: .reason)
        try container.encode(head, forKey: .head)
        try container.encode(members, forKey: .members)
        try container.encode(subscribers, forKey: .subscribers)
        try container.encode(transport, forKey: .transport)
        try container.encode(group, forKey: .group)
        try container.encode(rateBps, forKey: .rateBps)
        try container.encode(interfaces, forKey: .interfaces)
    }
}
