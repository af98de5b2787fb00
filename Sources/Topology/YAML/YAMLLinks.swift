import Yams

extension YAMLDecoder {
    private static let linkKeys = ["between", "delay", "bandwidth", "cost", "attributes"]

    /// `links`: a list of mappings, or of the short forms `[a, b]`, `[a, b, 5ms]` and `a/b`.
    mutating func links(
        from root: YAMLFields,
        defaults: YAMLFields,
        nodes: [Topology.Node]
    ) -> [Topology.Link] {
        var links: [Topology.Link] = []
        for item in list("links", in: root) where !mistakes.isFull {
            var fields = YAMLFields(position: position(of: item))
            var ends = item
            switch item {
            case .mapping:
                fields = self.fields(of: item, as: "a link", keys: Self.linkKeys)
                guard let between = fields["between"] else {
                    mistakes.add(
                        "this link has no ends; add between: [a, b]",
                        at: fields.position
                    )
                    continue
                }
                ends = between
            case .sequence(let sequence) where sequence.count == 3:
                fields["delay"] = sequence[2]
                ends = .sequence(.init([sequence[0], sequence[1]], .implicit, .any, item.mark))
            case .sequence, .scalar, .alias:
                break
            }
            guard let (a, b) = linkEnds(ends) else { continue }
            links.append(link(a, b, from: fields.filled(from: defaults), nodes: nodes))
        }
        return links
    }

    private mutating func linkEnds(_ node: Yams.Node) -> (Int, Int)? {
        let place = position(of: node)
        switch node {
        case .sequence(let sequence) where sequence.count == 2:
            // Both ends are looked up before either is missed: two mistakes, two errors.
            let a = nodeIndex(sequence[0], as: "an end of a link")
            let b = nodeIndex(sequence[1], as: "an end of a link")
            if let a, let b { return (a, b) }
            return nil
        case .scalar(let scalar):
            let parts = scalar.string.split(separator: "/", omittingEmptySubsequences: false)
            if parts.count == 2 {
                let a = nodeIndex(named: String(parts[0]), at: place)
                let b = nodeIndex(named: String(parts[1]), at: place)
                if let a, let b { return (a, b) }
                return nil
            }
        case .sequence, .mapping, .alias:
            break
        }
        mistakes.add("a link has two ends; write [a, b], or a/b", at: place)
        return nil
    }

    private mutating func link(
        _ a: Int,
        _ b: Int,
        from fields: YAMLFields,
        nodes: [Topology.Node]
    ) -> Topology.Link {
        let stated = value("delay", in: fields, Quantity.milliseconds)
        let computed: Double? =
            if let here = nodes[a].coordinates, let there = nodes[b].coordinates {
                here.delayMilliseconds(to: there)
            } else { nil }
        return Topology.Link(
            a: a,
            b: b,
            delayMilliseconds: stated ?? computed ?? Topology.Link.delayMillisecondsDefault,
            bandwidthBitsPerSecond: value("bandwidth", in: fields, Quantity.bitsPerSecond),
            cost: amount("cost", in: fields) ?? 1,
            position: fields.position
        )
    }
}
