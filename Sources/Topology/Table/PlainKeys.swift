/// Which key of the links of a plain graph file is the delay, by the rules of `EdgeColumns` as far as they need no look at all values.
struct PlainKeys {
    /// `nil` = none is.
    private(set) var delayKey: String?
    private(set) var rule = DelayRule(unit: nil, key: nil)
    /// The key says nothing of delays; then all of its values must be such.
    private(set) var isGuess = false

    /// - Returns: `nil` when some key may be a delay by what its values are.
    init?(ofEdges names: [String]) {
        let keys = names.map(KeyName.init)
        func best(_ role: KeyName.EdgeRole) -> Int? {
            keys.indices.compactMap { index in keys[index].rank(as: role).map { ($0, index) } }
                .min { $0 < $1 }?.1
        }
        var chosen = best(.delay)
        if chosen == nil {
            guard best(.roundTrip) == nil, best(.length) == nil, best(.caption) == nil else {
                return nil
            }
            chosen = best(.weight)
            isGuess = chosen != nil
        }
        guard let chosen else { return }
        delayKey = names[chosen]
        rule = DelayRule(unit: nil, key: keys[chosen])
    }

    /// Whether a key of nodes says where they are, or that they are drawn in groups: such graphs are not plain.
    static func isOfPlaces(_ name: String) -> Bool {
        let key = KeyName(name)
        return [KeyName.NodeRole.latitude, .longitude, .coordinates].contains {
            key.rank(as: $0) != nil
        } || name == "gid" || name == "isGroup"
    }

    /// In the words of `GraphMeaning`.
    func notes(hasDelays: Bool, lacksDelays: Bool, selfLoopCount: Int) -> [String] {
        var notes: [String] = []
        if let delayKey, hasDelays {
            let guess = isGuess ? ", which is a guess (--delay-key and --delay-unit tell)" : ""
            notes.append(
                "taken from the file: delays from \(quoted(delayKey)), \(rule.description)\(guess)"
            )
        }
        if selfLoopCount > 0 { notes.append("\(counted(selfLoopCount, "self loop")) dropped") }
        if lacksDelays {
            notes.append("no coordinates in this file; links without a delay count 1 ms")
        }
        return notes
    }
}

/// What graph files tell of nodes and links, put into columns.
struct PlainGraph {
    private var hasDelays = false
    private var lacksDelays = false
    private var selfLoopCount = 0

    /// - Returns: `false` for a name that is there already, or none.
    func addNode(_ id: UnsafeBufferPointer<UInt8>, to edges: inout EdgeTable) -> Bool {
        let count = edges.nodeCount
        guard PlainBytes.isName(id), !id.contains(UInt8(ascii: "&")) else { return false }
        return edges.nodes.number(of: id) == count
    }

    /// - Returns: `false` for an end that is no node yet.
    mutating func addEdge(
        _ source: UnsafeBufferPointer<UInt8>,
        _ target: UnsafeBufferPointer<UInt8>,
        delay: Double?,
        to edges: inout EdgeTable
    ) -> Bool {
        let count = edges.nodeCount
        let (a, b) = (edges.nodes.number(of: source), edges.nodes.number(of: target))
        guard a < count, b < count, edges.nodeCount == count else { return false }
        guard a != b else {
            selfLoopCount += 1
            return true
        }
        edges.a.append(UInt32(a))
        edges.b.append(UInt32(b))
        edges.delay.append(delay ?? Topology.Link.delayMillisecondsDefault)
        if delay == nil { lacksDelays = true } else { hasDelays = true }
        return true
    }

    func notes(_ keys: PlainKeys?) -> [String] {
        keys?.notes(
            hasDelays: hasDelays,
            lacksDelays: lacksDelays,
            selfLoopCount: selfLoopCount
        ) ?? []
    }

    /// Whether the key that was chosen has no value anywhere: then another would have been chosen.
    func isMisled(by keys: PlainKeys?) -> Bool { keys?.delayKey != nil && !hasDelays }
}
