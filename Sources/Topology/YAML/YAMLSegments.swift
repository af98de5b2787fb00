import Yams

extension YAMLDecoder {
    private static let segmentKeys = [
        "name", "group", "groups", "interface", "interfaces", "members", "multicast", "transport",
        "subscribers", "rate",
    ]

    /// `segments`: a list of mappings.
    mutating func segments(from root: YAMLFields) -> [Topology.Segment] {
        var segments: [Topology.Segment] = []
        for item in list("segments", in: root) where !mistakes.isFull {
            let fields = fields(of: item, as: "a segment", keys: Self.segmentKeys)
            for key in ["name", "group", "members"] where fields[key] == nil {
                mistakes.add("this segment has no \(key); add the key", at: fields.position)
            }
            var members: [Int] = []
            for member in list("members", in: fields) {
                if let index = nodeIndex(member, as: "a member") { members.append(index) }
            }
            var segment = Topology.Segment(
                name: text("name", in: fields) ?? "",
                group: value("group", in: fields, Self.group) ?? "",
                treeGroups: treeGroups(in: fields),
                interface: value("interface", in: fields, Self.interface),
                memberInterfaces: memberInterfaces(in: fields),
                members: members,
                position: fields.position
            )
            if let use = word("multicast", in: fields, as: Topology.MulticastUse.self) {
                segment.multicast = use
            }
            if let transport = word("transport", in: fields, as: Topology.MulticastTransport.self) {
                segment.transport = transport
            }
            segment.subscriberCount = value("subscribers", in: fields, Self.count) ?? 0
            segment.rateBitsPerSecond = value("rate", in: fields, Quantity.bitsPerSecond)
            segments.append(segment)
        }
        return segments
    }

    /// `groups`: a mapping `tree: group`.
    private mutating func treeGroups(in fields: YAMLFields) -> [Topology.TreeGroup] {
        pairs("groups", in: fields, form: "tree: group").compactMap { key, value in
            guard let tree = scalar(key, as: "a tree name"),
                let group = parsed(value, as: "a group", Self.group)
            else { return nil }
            return Topology.TreeGroup(tree: tree, group: group)
        }
    }

    /// `interfaces`: a mapping `member: interface`.
    private mutating func memberInterfaces(in fields: YAMLFields) -> [Topology.MemberInterface] {
        pairs("interfaces", in: fields, form: "member: interface").compactMap { key, value in
            let member = nodeIndex(key, as: "a member")
            let interface = parsed(value, as: "an interface", Self.interface)
            guard let member, let interface else { return nil }
            return Topology.MemberInterface(member: member, interface: interface)
        }
    }

    /// `feeds` of a tree: a mapping `node: endpoint`, or `node: [endpoint, …]`.
    mutating func outsiders(
        _ key: String,
        in fields: YAMLFields,
        _ check: (String) -> Result<OutsideEndpoint, ValueError>
    ) -> [Topology.Feed] {
        let what = "a \(key.dropLast())"
        var feeds: [Topology.Feed] = []
        for (key, value) in pairs(key, in: fields, form: "node: endpoint")
        where !mistakes.isFull {
            guard let node = nodeIndex(key, as: "the node of \(what)") else { continue }
            var items = [value]
            if case .sequence(let sequence) = value { items = Array(sequence) }
            for item in items {
                let endpoint = parsed(item, as: what) { text in check(text).map { _ in text } }
                guard let endpoint else { continue }
                feeds.append(
                    Topology.Feed(node: node, endpoint: endpoint, position: position(of: item))
                )
            }
        }
        return feeds
    }

    private mutating func pairs(
        _ key: String,
        in fields: YAMLFields,
        form: String
    ) -> [(Yams.Node, Yams.Node)] {
        guard let section = fields[key] else { return [] }
        guard case .mapping(let mapping) = section else {
            mistakes.add("\(key) must be a mapping (\(form))", at: position(of: section))
            return []
        }
        return mapping.map { ($0.key, $0.value) }
    }

    private static func group(_ text: String) -> Result<String, ValueError> {
        GroupAddress.parse(text).map { _ in text }
    }

    private static func interface(_ text: String) -> Result<String, ValueError> {
        Validation.refusal(ofInterface: text).map { .failure(ValueError($0)) } ?? .success(text)
    }

    private static func count(_ text: String) -> Result<Int, ValueError> {
        guard let count = Int(text), (0...1_000_000_000).contains(count) else {
            return .failure(
                ValueError("\(quoted(text)) must be a whole number from 0 to 1000000000")
            )
        }
        return .success(count)
    }
}
