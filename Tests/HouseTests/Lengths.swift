/// How long functions and types are.
struct Lengths {
    struct Function: Equatable {
        var path: String
        /// From 1.
        var line: Int
        var name: String
        var lineCount: Int
    }

    /// Lines of every function, initializer and subscript with a body, from its first line to its closing brace.
    static func functions(in source: SwiftSource) -> [Function] {
        var found: [Function] = []
        for (index, line) in source.lines.enumerated() where couldDeclareFunction(line) {
            guard let match = line.firstMatch(of: functionHead.wordBoundaryKind(.simple)),
                let last = source.lastLine(ofBlockAt: index)
            else { continue }
            found.append(
                Function(
                    path: source.path,
                    line: index + 1,
                    name: String(match.name),
                    lineCount: last - index + 1
                )
            )
        }
        return found
    }

    /// Lines of every type by `Module.Type`, its extensions in all files of the module included. What is nested counts with what it is
    /// nested in; `extension Outer.Inner` counts as `Outer.Inner`.
    static func types(in sources: [SwiftSource]) -> [String: Int] {
        var lineCounts: [String: Int] = [:]
        for source in sources {
            for (index, line) in source.lines.enumerated() where source.depths[index] == 0 {
                guard let match = line.firstMatch(of: typeHead.wordBoundaryKind(.simple)),
                    let last = source.lastLine(ofBlockAt: index)
                else { continue }
                lineCounts["\(source.module).\(match.name)", default: 0] += last - index + 1
            }
        }
        return lineCounts
    }

    private static func couldDeclareFunction(_ line: Substring) -> Bool {
        line.contains("func ") || line.contains("init") || line.contains("subscript")
    }

    private static var functionHead: Regex<(Substring, name: Substring)> {
        /^\s*(?:@\w+(?:\([^)]*\))?\s+|[a-z]+(?:\(\w+\))?\s+)*(?<name>(?:func\s+[^\s(<]+|init\b|subscript\b))/
    }

    private static var typeHead: Regex<(Substring, name: Substring)> {
        /^(?:@\w+(?:\([^)]*\))?\s+|[a-z]+(?:\(\w+\))?\s+)*(?:struct|enum|class|actor|extension|protocol)\s+(?<name>[\w.]+)/
    }
}
