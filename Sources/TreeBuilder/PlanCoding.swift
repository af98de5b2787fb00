public import Topology

// The keys of a plan file. What is absent is written as `null`, so every reader sees the same keys always; the
// encoders are spelled out because synthesised ones leave absent values out.

extension Topology.Mode: Codable {}
extension Topology.Objective: Codable {}

extension Plan {
    enum CodingKeys: String, CodingKey {
        case name, nodes, trees
    }
}

extension PlanNode {
    enum CodingKeys: String, CodingKey {
        case id, label
        case publishersEndpoint = "publishers"
        case subscribersEndpoint = "subscribers"
        case controlEndpoint = "control"
        case overflow, region
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(label, forKey: .label)
        try container.encode(publishersEndpoint, forKey: .publishersEndpoint)
        try container.encode(subscribersEndpoint, forKey: .subscribersEndpoint)
        try container.encode(controlEndpoint, forKey: .controlEndpoint)
        try container.encode(overflow, forKey: .overflow)
        try container.encode(region, forKey: .region)
    }
}

extension TreePlan {
    enum CodingKeys: String, CodingKey {
        case name, topics, overflow, root, mode, objective, fanOut, hopDelayMs, radiusMs, meanMs
        case lowerBoundMs, gap, seed, nodes
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(topics, forKey: .topics)
        try container.encode(overflow, forKey: .overflow)
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
    }
}

extension TreePlan.TreeNode {
    enum CodingKeys: String, CodingKey {
        case id, label, parent, backups, rank, level, delayMs, children
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(label, forKey: .label)
        try container.encode(parent, forKey: .parent)
        try container.encode(backups, forKey: .backups)
        try container.encode(rank, forKey: .rank)
        try container.encode(level, forKey: .level)
        try container.encode(delayMs, forKey: .delayMs)
        try container.encode(children, forKey: .children)
    }
}
