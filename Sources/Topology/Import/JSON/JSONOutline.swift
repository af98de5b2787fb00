/// What the outermost keys of a JSON file are, and the first keys below them: enough to tell formats
/// apart, whatever stands between.
struct JSONOutline {
    /// The keys of the outermost object, or of the first one in a list.
    private(set) var keys: Set<String> = []
    /// Keys of the first object below each of those keys.
    private(set) var keysBelow: [String: Set<String>] = [:]
    private(set) var type: String?
    private(set) var isList = false

    /// `nil` = this is no JSON, or not from its beginning.
    init?(_ bytes: [UInt8]) {
        guard let first = bytes.first(where: { $0 > 0x20 }),
            first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        else { return nil }
        var json = JSONCursor(SourceText(checked: bytes))
        do throws(TopologyError) {
            if try json.kind() == .array {
                isList = true
                try json.beginArray()
                guard try json.nextElement(), try json.kind() == .object else { return nil }
                try Self.read(&json, into: &keys)
                return
            }
            try readObject(&json)
        } catch {
            // What was found up to a mistake tells whose mistake it is.
            if keys.isEmpty { return nil }
        }
    }

    private mutating func readObject(_ json: inout JSONCursor) throws(TopologyError) {
        try json.beginObject()
        while let key = try json.nextKey() {
            keys.insert(key)
            switch try json.kind() {
            case .scalar:
                let text = try json.scalar()
                if key == "type" { type = text }
            case .object: try readBelow(key, &json)
            case .array:
                try json.beginArray()
                var isFirst = true
                while try json.nextElement() {
                    if isFirst, try json.kind() == .object {
                        try readBelow(key, &json)
                    } else {
                        try json.skipValue()
                    }
                    isFirst = false
                }
            }
        }
    }

    /// Of an object that is cut off the keys up to there.
    private mutating func readBelow(
        _ key: String,
        _ json: inout JSONCursor
    ) throws(TopologyError) {
        var found: Set<String> = []
        defer { keysBelow[key] = found }
        try Self.read(&json, into: &found)
    }

    private static func read(
        _ json: inout JSONCursor,
        into keys: inout Set<String>
    ) throws(TopologyError) {
        try json.beginObject()
        while let key = try json.nextKey() {
            keys.insert(key)
            try json.skipValue()
        }
    }

    /// What kind of file this is; `nil` = none that is known, or our own.
    var signature: FormatSignature? {
        if let foreign { return .foreign(foreign) }
        return isGraph ? .format(.json) : nil
    }

    private var foreign: ForeignFormat? {
        if keys.contains("trees"),
            keysBelow["trees"]?.contains("hopDelayMs") == true
                || keysBelow["nodes"]?.isSuperset(of: ["publishers", "backups"]) == true
        {
            return ForeignFormat(
                name: "a plan of 'xylem plan --format json'",
                cure: "give the topology it was made from"
            )
        }
        if type == "FeatureCollection" {
            return ForeignFormat(name: "GeoJSON, a map", cure: "it has no links between nodes")
        }
        return nil
    }

    private var isGraph: Bool {
        if isList { return Self.haveEnds(keys) || keys.contains("data") }
        if type == "NetworkGraph" || type == "NetworkCollection" { return true }
        if keys.contains(where: { $0.hasPrefix("ietf-network:") }) || keys.contains("elements") {
            return true
        }
        let own: Set = ["trees", "segments", "defaults", "epoch", "security"]
        if !keys.isDisjoint(with: own) { return false }
        if ["links", "edges"].contains(where: { keysBelow[$0].map(Self.haveEnds) == true }) {
            return true
        }
        let graph = keysBelow["graph"] ?? []
        if keys.contains("nodes") {
            return keys.contains("edges") || keys.contains("adjacency")
                || keys.contains("multigraph")
        }
        return graph.contains("nodes") || graph.contains("edges") || keys.contains("graphs")
    }

    /// Our own links have the key `between`.
    private static func haveEnds(_ keys: Set<String>) -> Bool {
        !keys.isDisjoint(with: ["source", "from", "src", "target", "to", "dst"])
    }
}
