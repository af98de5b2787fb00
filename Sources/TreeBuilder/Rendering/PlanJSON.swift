import Vocabulary
import Topology

/// A plan as JSON: fixed key order, two spaces of indentation, a newline at the end, so that equal plans are equal
/// bytes and a change of one node is a change of few lines.
///
/// Numbers are written in the shortest form that reads back as the same value.
public enum PlanJSON {
    public static func render(_ plan: Plan) -> String {
        var writer = JSONWriter()
        writer.object {
            $0.member("name", .string(plan.name))
            $0.array("nodes", plan.nodes) { $0.write($1) }
            $0.array("trees", plan.trees) { $0.write($1) }
        }
        return writer.text + "\n"
    }
}

/// Writes nested objects; every value that is not an object stands on one line.
private struct JSONWriter {
    private(set) var text = ""
    private var depth = 0
    private var isFirst = true

    enum Value {
        case string(String)
        case optional(String?)
        case strings([String])
        case number(Double)
        case optionalNumber(Double?)
        case integer(Int?)
        case seed(UInt64)

        var text: String {
            switch self {
            case .string(let value): JSONWriter.quoted(value)
            case .optional(let value): value.map { JSONWriter.quoted($0) } ?? "null"
            case .strings(let values):
                "[" + values.map { JSONWriter.quoted($0) }.joined(separator: ", ") + "]"
            case .number(let value): JSONWriter.text(value)
            case .optionalNumber(let value): value.map { JSONWriter.text($0) } ?? "null"
            case .integer(let value): value.map { "\($0)" } ?? "null"
            case .seed(let value): "\(value)"
            }
        }
    }

    static func text(_ value: Double) -> String {
        value == value.rounded() && value.magnitude < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    mutating func object(_ body: (inout JSONWriter) -> Void) {
        text += "{"
        nest(body)
        text += "}"
    }

    mutating func member(_ key: String, _ value: Value) {
        beginEntry()
        text += Self.quoted(key) + ": " + value.text
    }

    mutating func array<Element>(
        _ key: String,
        _ elements: [Element],
        _ body: (inout JSONWriter, Element) -> Void
    ) {
        beginEntry()
        text += Self.quoted(key) + ": ["
        nest { writer in
            for element in elements {
                writer.beginEntry()
                writer.object { body(&$0, element) }
            }
        }
        text += "]"
    }

    private mutating func beginEntry() {
        if !isFirst { text += "," }
        isFirst = false
        text += "\n" + String(repeating: "  ", count: depth)
    }

    private mutating func nest(_ body: (inout JSONWriter) -> Void) {
        depth += 1
        isFirst = true
        body(&self)
        depth -= 1
        if !isFirst { text += "\n" + String(repeating: "  ", count: depth) }
        isFirst = false
    }

    // RFC 8259 §7: quotation mark, reverse solidus and U+0000 … U+001F must be escaped.
    static func quoted(_ value: String) -> String {
        var result = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case "\u{0}"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ node: PlanNode) {
        member("id", .string(node.id))
        member("label", .string(node.label))
        member("publishers", .optional(node.publishersEndpoint))
        member("subscribers", .optional(node.subscribersEndpoint))
        member("control", .optional(node.controlEndpoint))
        member("overflow", .optional(node.overflow?.rawValue))
        member("region", .optional(node.region))
    }

    fileprivate mutating func write(_ tree: TreePlan) {
        member("name", .string(tree.name))
        member("topics", .strings(tree.topics))
        member("overflow", .optional(tree.overflow?.rawValue))
        member("root", .string(tree.root))
        member("mode", .string(tree.mode.rawValue))
        member("objective", .string(tree.objective.rawValue))
        member("fanOut", .integer(tree.fanOut))
        member("hopDelayMs", .number(tree.hopDelayMs))
        member("radiusMs", .number(tree.radiusMs))
        member("meanMs", .number(tree.meanMs))
        member("lowerBoundMs", .number(tree.lowerBoundMs))
        member("gap", .number(tree.gap))
        member("seed", .seed(tree.seed))
        array("nodes", tree.nodes) { writer, node in
            writer.member("id", .string(node.id))
            writer.member("label", .string(node.label))
            writer.member("parent", .optional(node.parent))
            writer.member("segment", .optional(node.segment))
            writer.member("backups", .strings(node.backups))
            writer.member("rank", .integer(node.rank))
            writer.member("level", .integer(node.level))
            writer.member("delayMs", .number(node.delayMs))
            writer.member("children", .strings(node.children))
        }
        array("islands", tree.islands) { $0.write($1) }
        array("feeds", tree.feeds) { writer, feed in
            writer.member("node", .string(feed.node))
            writer.member("endpoint", .string(feed.endpoint))
        }
    }

    private mutating func write(_ island: IslandPlan) {
        member("segment", .string(island.segment))
        member("carriage", .string(island.carriage.rawValue))
        member("reason", .string(island.reason))
        member("head", .optional(island.head))
        member("members", .strings(island.members))
        member("subscribers", .integer(island.subscribers))
        member("transport", .optional(island.transport?.rawValue))
        member("group", .optional(island.group))
        member("rateBps", .optionalNumber(island.rateBps))
        array("interfaces", island.interfaces) { writer, place in
            writer.member("node", .string(place.node))
            writer.member("interface", .string(place.interface))
        }
    }
}
