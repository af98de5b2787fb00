import Yams

/// Reads Xylem's own format, docs/topology-format.md.
///
/// Yams parses; every node of its tree carries its line and column. Scalars stay text (the basic
/// resolver): an id `no` or `1e3` is not a Boolean or a number here.
enum YAMLReader {
    /// The most uses of anchors in a file.
    ///
    /// An alias stands for all that its anchor holds, aliases included, so n of them can stand for
    /// 2ⁿ values ("billion laughs"). libyaml bounds depth (1,000) but not this; eight stand for 18
    /// at most.
    static let aliasCountMax = 8

    static func read(_ source: SourceText) throws(TopologyError) -> Topology {
        guard let root = try root(of: source) else {
            throw TopologyError(
                file: source.file,
                message: "the file is empty; it needs nodes and links"
            )
        }
        var decoder = YAMLDecoder(file: source.file)
        let topology = decoder.topology(from: root)
        try decoder.mistakes.check()
        try topology.validate(file: source.file)
        return topology
    }

    /// The tree of a file; `nil` when it is empty.
    static func root(of source: SourceText) throws(TopologyError) -> Yams.Node? {
        try checkAliases(in: source)
        return try compose(source)
    }

    private static func compose(_ source: SourceText) throws(TopologyError) -> Yams.Node? {
        let text = String(decoding: source.bytes, as: UTF8.self)
        do {
            return try Yams.Parser(yaml: text, resolver: .basic).singleRoot()
        } catch let error as YamlError {
            throw refusal(of: error, in: source)
        } catch {
            throw TopologyError(file: source.file, message: "not valid YAML: \(error)")
        }
    }

    /// Counts what may be an alias: `*name` where a value can start. Text in quotes and comments is
    /// counted too, as telling it apart needs the parser that is being protected.
    private static func checkAliases(in source: SourceText) throws(TopologyError) {
        let bytes = source.bytes
        var previous = UInt8(ascii: "\n")
        var aliasCount = 0
        var hasAnchor = false
        var excess: Int?
        for (offset, byte) in bytes.enumerated() {
            defer { previous = byte }
            guard byte == UInt8(ascii: "*") || byte == UInt8(ascii: "&") else { continue }
            guard isBeforeValue(previous), offset + 1 < bytes.count, isName(bytes[offset + 1])
            else {
                continue
            }
            if byte == UInt8(ascii: "&") {
                hasAnchor = true
            } else {
                aliasCount += 1
                if aliasCount == aliasCountMax + 1 { excess = offset }
            }
        }
        if hasAnchor, let excess {
            throw source.error(
                "more than \(aliasCountMax) YAML aliases; write what repeats under defaults",
                at: excess
            )
        }
    }

    private static func isBeforeValue(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","),
            UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    // MARK: Errors

    private static func refusal(of error: YamlError, in source: SourceText) -> TopologyError {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            if let tab = source.tabIndentation(upToLine: mark.line) {
                return TopologyError(
                    file: source.file,
                    position: tab,
                    message:
                        "a tab indents this line, which YAML does not allow; indent with blanks"
                )
            }
            let situation = context.map { $0.text.isEmpty ? "" : "\($0.text), " } ?? ""
            return TopologyError(
                file: source.file,
                position: SourcePosition(mark),
                message: "not valid YAML: \(situation)\(problem)\(advice(on: problem))"
            )
        case .reader(let problem, let offset, _, let text):
            let place = offset.flatMap {
                text.index(text.startIndex, offsetBy: $0, limitedBy: text.endIndex)
            }
            let position = place.map {
                source.position(of: text.utf8.distance(from: text.startIndex, to: $0))
            }
            return TopologyError(
                file: source.file,
                position: position,
                message: "not valid YAML: \(problem)"
            )
        case .duplicatedKeysInMapping(let duplicates, let context):
            let key = quoted(duplicates.first ?? "")
            return TopologyError(
                file: source.file,
                position: SourcePosition(context.mark),
                message: "duplicate key \(key): it stands here and again below; keep one of them"
            )
        default:
            return TopologyError(file: source.file, message: "not valid YAML: \(error)")
        }
    }

    /// What usually causes a problem that libyaml words in terms of its grammar.
    private static func advice(on problem: String) -> String {
        let table = [
            ("cannot start any token", "quote text that starts with a sign"),
            ("mapping values are not allowed", "one key a line, and quote text that holds ': '"),
            ("expected ',' or", "close the bracket"),
            ("could not find expected ':'", "every key needs a colon and a blank after it"),
            ("did not find expected key", "check the indentation of this line"),
            ("did not find expected '-' indicator", "check the indentation of this line"),
            ("undefined alias", "quote text that starts with *"),
            ("another document", "put one topology into one file"),
            ("end of stream", "close the quotes or the bracket"),
            ("Maximum nesting level", "nothing in a topology is nested as deep as this"),
        ]
        return table.first { problem.contains($0.0) }.map { "; \($0.1)" } ?? ""
    }
}

extension SourceText {
    /// The first tab that stands where a line's indentation should, up to that line; `nil` when there is none.
    ///
    /// libyaml stops there in one of several ways, and often a line later, at what it then takes for a mistake. Before a comment it
    /// minds a tab on some lines only.
    fileprivate func tabIndentation(upToLine last: Int) -> SourcePosition? {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).prefix(last)
        for (index, line) in lines.enumerated() {
            let indentation = line.prefix { $0 == 0x20 || $0 == 0x09 }
            let isBlank =
                indentation.endIndex == line.endIndex || line[indentation.endIndex] == 0x0D
            let isComment = !isBlank && line[indentation.endIndex] == UInt8(ascii: "#")
            guard !isBlank, !isComment || index + 1 == last,
                let tab = indentation.firstIndex(of: 0x09)
            else { continue }
            return SourcePosition(line: index + 1, column: tab - line.startIndex + 1)
        }
        return nil
    }
}

extension SourcePosition {
    init(_ mark: Yams.Mark) {
        self.init(line: mark.line, column: mark.column)
    }
}
