/// What a table says of its links in columns that mean nothing here, for those who keep it: a second
/// walk, so that the first one has nothing to carry.
enum TableAttributes {
    /// By the number of the link; empty when there is none. Of rows for one link the first counts.
    static func ofLinks(
        in topology: Topology,
        _ source: SourceText,
        _ dialect: TableDialect,
        _ layout: TableLayout
    ) -> [[TopologyAttribute]] {
        let columns = layout.columns
        let used = [
            columns.source, columns.target, columns.delay?.column, columns.bandwidth?.column,
            columns.cost,
        ].compactMap(\.self)
        var indexOf: [String: Int] = [:]
        for (index, node) in topology.nodes.enumerated() { indexOf[node.id] = index }
        var linkOf: [Pair: Int] = [:]
        for (index, link) in topology.links.enumerated() { linkOf[Pair(link.a, link.b)] = index }
        var lists: [[TopologyAttribute]?] = Array(repeating: nil, count: topology.links.count)
        var scanner = dialect.scanner(of: source)
        var isHeading = layout.hasHeadingRow
        while let row = scanner.next() {
            if row.isComment { continue }
            if isHeading {
                isHeading = false
                continue
            }
            var fields = row.fields
            if fields.count > 2, EdgeArrow.isArrow(scanner.text(fields[1])) { fields.remove(at: 1) }
            guard fields.count > max(columns.source, columns.target),
                let a = indexOf[scanner.text(fields[columns.source])],
                let b = indexOf[scanner.text(fields[columns.target])],
                let link = linkOf[Pair(a, b)], lists[link] == nil
            else { continue }
            lists[link] = fields.indices.compactMap { column in
                guard !used.contains(column), !fields[column].isEmpty else { return nil }
                let name = columns.names.indices.contains(column) ? columns.names[column] : ""
                return TopologyAttribute(
                    name: name.isEmpty ? "column \(column + 1)" : name,
                    text: scanner.text(fields[column])
                )
            }
        }
        return lists.contains { $0?.isEmpty == false } ? lists.map { $0 ?? [] } : []
    }
}
