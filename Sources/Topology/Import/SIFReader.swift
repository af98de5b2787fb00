/// Reads SIF, the simple interaction format of Cytoscape: a node, a kind of link, the nodes it leads to.
///
///     oslo fibre bergen tromso
///     stavanger
///
/// Where tabs part the words of a line, names hold blanks. A line of one word is a node alone.
struct SIFReader {
    static func read(
        _ source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        try GraphMeaning.topology(of: graph(of: source, options: options), options: options)
    }

    static func graph(
        of source: SourceText,
        options: ImportOptions
    ) throws(TopologyError) -> ImportedGraph {
        let hasTabs = source.bytes.contains(0x09)
        var lines = LineCursor(source, separator: hasTabs ? 0x09 : nil)
        var assembly = GraphAssembly(source, options: options)
        while let line = try lines.next() {
            let position = lines.position(of: line)
            let words = line.words.map(\.text)
            guard words.count != 2 else {
                try assembly.addMistake(
                    "expected a node, a kind of link and the nodes it leads to",
                    at: position
                )
                continue
            }
            guard try assembly.node(words[0], at: position) != nil else { continue }
            for target in words.dropFirst(2) where try assembly.node(target, at: position) != nil {
                try assembly.addEdge(words[0], target, at: position, [("interaction", words[1])])
            }
        }
        return assembly.graph
    }
}
