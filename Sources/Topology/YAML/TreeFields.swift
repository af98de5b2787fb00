import Yams

/// The lists and mappings among the fields of a tree.
enum TreeFields {
    /// `topics`: a prefix, or a list of them.
    static func topics(in fields: YAMLFields, _ decoder: inout YAMLDecoder) -> [String]? {
        guard case .sequence(let sequence)? = fields["topics"] else {
            return decoder.text("topics", in: fields).map { [$0] }
        }
        var topics: [String] = []
        for item in sequence {
            if let topic = decoder.scalar(item, as: "a topic") { topics.append(topic) }
        }
        return topics
    }

    /// `parents`: a mapping `child: parent`.
    static func fixedParents(
        in fields: YAMLFields,
        _ decoder: inout YAMLDecoder
    ) -> [Topology.FixedParent] {
        guard let section = fields["parents"] else { return [] }
        guard case .mapping(let mapping) = section else {
            decoder.mistakes.add(
                "parents must be a mapping (child: parent)",
                at: decoder.position(of: section)
            )
            return []
        }
        var parents: [Topology.FixedParent] = []
        for (key, value) in mapping where !decoder.mistakes.isFull {
            let child = decoder.nodeIndex(key, as: "a child")
            let parent = decoder.nodeIndex(value, as: "a parent")
            guard let child, let parent else { continue }
            parents.append(
                .init(child: child, parent: parent, position: decoder.position(of: key))
            )
        }
        return parents
    }
}
