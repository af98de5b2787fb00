/// The members of a JSON object as attributes: names and texts, objects in objects under all keys on
/// their way.
///
///     {"id": 1, "data": {"label": "Oslo"}, "pos": {"x": 2}, "geo": [59.91, 10.75]}
///     ─▶ id = 1, label = Oslo, pos.x = 2, geo = 59.91, 10.75
///
/// Objects that formats put around all attributes (`data`, `attributes`, `properties`) have no part in
/// the names. A list of values is one text; what is nested deeper in a list is kept as JSON.
struct JSONAttributes {
    private(set) var pairs: [(name: String, text: String)] = []

    /// Reads the object that comes next.
    init(_ json: inout JSONCursor) throws(TopologyError) {
        try read(&json, prefix: "")
    }

    /// The first value of one of the names, in their order.
    func first(of names: [String]) -> String? {
        for name in names {
            if let pair = pairs.first(where: { $0.name == name }) { return pair.text }
        }
        return nil
    }

    func without(_ names: [String]) -> [(name: String, text: String)] {
        pairs.filter { !names.contains($0.name) }
    }

    private static let wrappers: Set<String> = ["data", "attributes", "properties", "metadata"]

    private mutating func read(
        _ json: inout JSONCursor,
        prefix: String
    ) throws(TopologyError) {
        try json.beginObject()
        while let key = try json.nextKey() {
            let name = prefix + key
            switch try json.kind() {
            case .scalar:
                if let text = try json.scalar() { pairs.append((name, text)) }
            case .array:
                if let text = try Self.list(&json) { pairs.append((name, text)) }
            case .object:
                try read(&json, prefix: Self.wrappers.contains(key) ? prefix : name + ".")
            }
        }
    }

    /// `[59.91, 10.75]` ─▶ `59.91, 10.75`; `nil` for an empty list.
    private static func list(_ json: inout JSONCursor) throws(TopologyError) -> String? {
        let mark = json
        var items: [String] = []
        try json.beginArray()
        while try json.nextElement() {
            guard try json.kind() == .scalar else {
                json = mark
                let range = try json.skipValue()
                return String(decoding: json.source.bytes[range], as: UTF8.self)
            }
            if let item = try json.scalar() { items.append(item) }
        }
        return items.isEmpty ? nil : items.joined(separator: ", ")
    }
}
