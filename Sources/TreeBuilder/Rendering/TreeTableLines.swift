import Rendering
import Topology

/// A tree in columns as JSON Lines: an object that holds for the whole tree, then one for each node, in file order.
///
/// ```
/// {"plan":"sites","epoch":1,"tree":"sites","root":"a", … ,"nodeCount":3,"linkCount":2}
/// {"id":"a","parent":null,"rank":0,"level":0,"delayMs":0,"backups":[]}
/// {"id":"b","parent":"a","rank":1,"level":1,"delayMs":4.2,"backups":["c"]}
/// ```
public enum TreeTableLines {
    /// How large the pieces are about that are written, in bytes.
    private static let pieceByteCount = 256 << 10

    /// Calls `write` with one piece after the other.
    ///
    /// - Throws: what `write` throws.
    public static func write<Failure: Error>(
        _ table: TreeTable,
        _ write: (String) throws(Failure) -> Void
    ) throws(Failure) {
        let levels = table.levels()
        var piece = table.summary.json.compact + "\n"
        for node in 0..<table.nodeCount {
            piece += #"{"id":"# + name(node, table)
            let parent = table.parent[node]
            piece += #","parent":"# + (parent == TreeTable.none ? "null" : name(Int(parent), table))
            piece += #","rank":"# + String(table.rank[node])
            piece += #","level":"# + String(levels[node])
            let delay = Picoseconds(table.delay[node]).milliseconds
            piece += #","delayMs":"# + JSONValue.shortest(delay).compact
            piece += #","backups":["#
            piece += table.backups(of: node).map { name($0, table) }.joined(separator: ",")
            piece += "]}\n"
            guard piece.utf8.count > Self.pieceByteCount else { continue }
            try write(piece)
            piece.removeAll(keepingCapacity: true)
        }
        try write(piece)
    }

    private static func name(_ node: Int, _ table: TreeTable) -> String {
        let id = table.nodes[node]
        // What JSON escapes is rare in ids.
        let isPlain = id.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x5C }
        return isPlain ? "\"" + id + "\"" : JSONValue.string(id).compact
    }
}

extension TreeTable.Summary {
    var json: JSONValue {
        .object([
            "plan": .string(plan),
            "epoch": .integer(epoch),
            "tree": .string(tree),
            "root": .string(root),
            "mode": .string(mode.rawValue),
            "objective": .string(objective.rawValue),
            "fanOut": .optional(fanOut),
            "hopDelayMs": .shortest(hopDelayMs),
            "radiusMs": .shortest(radiusMs),
            "meanMs": .shortest(meanMs),
            "lowerBoundMs": .shortest(lowerBoundMs),
            "gap": .shortest(gap),
            "seed": .number("\(seed)"),
            "nodeCount": .integer(nodeCount),
            "linkCount": .integer(linkCount),
        ])
    }
}
