/// Reads TGF, the trivial graph format of yEd: nodes, a line with `#`, links.
///
///     1 Oslo S
///     2 Bergen
///     #
///     1 2 4 ms
///
/// What follows ids is a label.
struct TGFReader {
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
        var lines = LineCursor(source)
        var assembly = GraphAssembly(source, options: options)
        var isBehindNodes = false
        while let line = try lines.next() {
            let words = line.words.map(\.text)
            let position = lines.position(of: line)
            if words == ["#"] {
                isBehindNodes = true
            } else if !isBehindNodes {
                guard let index = try assembly.addNode(words[0], at: position) else { continue }
                assembly.set("label", to: label(words.dropFirst()), ofNode: index)
            } else if words.count >= 2 {
                let label = label(words.dropFirst(2))
                try assembly.addEdge(words[0], words[1], at: position, [("label", label)])
            } else {
                try assembly.addMistake(
                    "expected two ids of nodes and perhaps a label",
                    at: position
                )
            }
        }
        guard isBehindNodes else {
            throw assembly.error("there is no line with # between nodes and links")
        }
        return assembly.graph
    }

    private static func label(_ words: ArraySlice<String>) -> String {
        words.joined(separator: " ")
    }
}
