import Yams

/// Reads the key `attributes` of the network, of nodes and of links: names and texts that mean nothing
/// here and are kept for other tools.
enum AttributeFields {
    /// Of a file whose nodes and links have been read.
    static func attributes(
        of root: YAMLFields,
        _ decoder: inout YAMLDecoder
    ) -> TopologyAttributes {
        var attributes = TopologyAttributes()
        // Numbers of nodes and links are those of the list only where each item became one.
        guard decoder.mistakes.found.isEmpty else { return attributes }
        if let mapping = root["attributes"] { attributes.network = list(of: mapping, &decoder) }
        switch root["nodes"] {
        case .mapping(let mapping)?: attributes.nodes = lists(of: mapping.map(\.value), &decoder)
        case .sequence(let sequence)?: attributes.nodes = lists(of: Array(sequence), &decoder)
        case .scalar?, .alias?, nil: break
        }
        if case .sequence(let sequence)? = root["links"] {
            attributes.links = lists(of: Array(sequence), &decoder)
        }
        return attributes
    }

    /// Empty when no item has any.
    private static func lists(
        of items: [Yams.Node],
        _ decoder: inout YAMLDecoder
    ) -> [[TopologyAttribute]] {
        var lists: [[TopologyAttribute]] = []
        for (index, item) in items.enumerated() where !decoder.mistakes.isFull {
            guard case .mapping = item, let mapping = item["attributes"] else { continue }
            if lists.isEmpty { lists = Array(repeating: [], count: items.count) }
            lists[index] = list(of: mapping, &decoder)
        }
        return lists
    }

    private static func list(
        of node: Yams.Node,
        _ decoder: inout YAMLDecoder
    ) -> [TopologyAttribute] {
        guard !node.isNull else { return [] }
        guard case .mapping(let mapping) = node else {
            decoder.mistakes.add(
                "attributes must be a mapping (name: text)",
                at: decoder.position(of: node)
            )
            return []
        }
        var list: [TopologyAttribute] = []
        for (key, value) in mapping where !decoder.mistakes.isFull {
            guard let name = decoder.scalar(key, as: "the name of an attribute"),
                let text = decoder.scalar(value, as: "an attribute")
            else { continue }
            if let scalar = text.unicodeScalars.first(where: { $0.value < 0x20 || $0.value == 0x7F }
            ) {
                decoder.mistakes.add(
                    "the attribute \(quoted(name)) holds the control character "
                        + "\(String(scalar.value, radix: 16)); an attribute is one line of text",
                    at: decoder.position(of: value)
                )
                continue
            }
            list.append(TopologyAttribute(name: name, text: text))
        }
        return list
    }
}
