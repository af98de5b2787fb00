/// What the name of a key or column says: a role, and perhaps a unit.
///
/// A name is looked up as a whole, then as words, of which units and qualifiers say nothing about
/// the role:
///
///     LinkSpeedRaw     ─▶ linkspeedraw                          bandwidth, bit/s
///     avg. latency (ms) ─▶ avg, latency, ms ─▶ latency          delay, ms
///
/// docs/topology-format.md holds the list; decision 0027 says why it is one.
struct KeyName {
    /// What a key of a node can mean.
    enum NodeRole: CaseIterable {
        case label, latitude, longitude, coordinates, region
        /// Expected subscribers.
        case weight
    }

    /// What a key of an edge can mean.
    enum EdgeRole: CaseIterable {
        case delay
        /// There and back: twice the delay.
        case roundTrip
        /// Of the cable; needs a unit.
        case length
        /// Anything; a delay where nothing better is there.
        case weight
        /// Text for people; counts where it is a quantity with a unit.
        case caption
        case bandwidth, cost
    }

    /// Letters and digits in lower case: `max_delay`, `maxDelay` and `Max delay` are one name.
    let folded: String
    /// What is left without units and qualifiers, joined; empty when nothing is.
    private let core: String
    /// The unit of a delay or length in the name.
    let delayUnit: DelayUnit?
    /// Bit/s in one unit of a bandwidth, from the name.
    let bandwidthUnit: Double?

    init(_ name: String) {
        let words = Self.words(of: name)
        folded = words.joined()
        var delayUnit: DelayUnit?
        var bandwidthUnit: Double?
        var rest: [String] = []
        for (index, word) in words.enumerated() {
            // A unit stands behind what it measures, or alone.
            if index > 0 || (words.count == 1 && word.count > 1) {
                if let unit = Self.delayUnits[word] {
                    delayUnit = unit
                    continue
                }
                if let unit = Self.bandwidthUnits[word] {
                    bandwidthUnit = unit
                    continue
                }
            }
            if !Self.qualifiers.contains(word) { rest.append(word) }
        }
        // "Mbit/s" is two words, of which the second is no second.
        if bandwidthUnit != nil { delayUnit = nil }
        if words.count == 1, let (name, unit) = Self.parts(of: folded) {
            rest = [name]
            delayUnit = delayUnit ?? unit
        }
        core = rest.joined()
        self.delayUnit = delayUnit
        self.bandwidthUnit = bandwidthUnit ?? (folded == "linkspeedraw" ? 1 : nil)
    }

    /// How well the name fits a role: 0 is the best; `nil` = not at all.
    func rank(as role: NodeRole) -> Int? {
        rank(in: Self.nodeNames[role] ?? [])
    }

    func rank(as role: EdgeRole) -> Int? {
        if let rank = rank(in: Self.edgeNames[role] ?? []) { return rank }
        if role == .delay, delayUnit?.isLength == false, Self.timedNames.contains(core) {
            return 50
        }
        // A column named `ms` can only be a delay, one named `km` a length.
        guard core.isEmpty else { return nil }
        switch role {
        case .delay: return delayUnit.map { $0.isLength ? nil : 99 } ?? nil
        case .length: return delayUnit.map { $0.isLength ? 99 : nil } ?? nil
        case .bandwidth: return bandwidthUnit == nil ? nil : 99
        case .roundTrip, .weight, .caption, .cost: return nil
        }
    }

    private func rank(in names: [String]) -> Int? {
        if let index = names.firstIndex(of: folded) { return index }
        if let index = names.firstIndex(of: core) { return names.count + index }
        return nil
    }

    /// Whether any role of nodes may fit.
    var isOfNodes: Bool { NodeRole.allCases.contains { rank(as: $0) != nil } }
    var isOfEdges: Bool { EdgeRole.allCases.contains { rank(as: $0) != nil } }

    // MARK: Words

    /// `linkDelayMs`, `link_delay (ms)` ─▶ link, delay, ms.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        var previousIsSmall = false
        for character in name.prefix(256) {
            guard character.isLetter || character.isNumber else {
                if !word.isEmpty { words.append(word) }
                word = ""
                previousIsSmall = false
                continue
            }
            if character.isUppercase, previousIsSmall {
                words.append(word)
                word = ""
            }
            word += character.lowercased()
            previousIsSmall = character.isLowercase
        }
        if !word.isEmpty { words.append(word) }
        return words
    }

    /// `latencyms` ─▶ latency, ms; `avglatency` ─▶ latency.
    private static func parts(of word: String) -> (name: String, unit: DelayUnit?)? {
        for name in timeNames {
            if word.hasPrefix(name), let unit = delayUnits[String(word.dropFirst(name.count))] {
                return (name, unit)
            }
            if word.hasSuffix(name), qualifiers.contains(String(word.dropLast(name.count))) {
                return (name, nil)
            }
        }
        return nil
    }

    private static let timeNames = [EdgeRole.delay, .roundTrip, .length].flatMap {
        edgeNames[$0] ?? []
    }

    // MARK: The list

    static let nodeNames: [NodeRole: [String]] = [
        .label: [
            "label", "name", "nodelabel", "sharedname", "displayname", "nodename", "title",
            "hostname", "city", "caption",
        ],
        .latitude: ["latitude", "lat", "breitengrad"],
        .longitude: ["longitude", "lon", "lng", "long", "längengrad"],
        .coordinates: [
            "coordinates", "coordinate", "coords", "latlon", "latlng", "latlong", "geo", "gps",
        ],
        .region: [
            "region", "country", "zone", "area", "datacenter", "datacentre", "site", "pop", "land",
        ],
        .weight: ["subscribers", "weight", "demand", "demands"],
    ]

    static let edgeNames: [EdgeRole: [String]] = [
        .delay: ["delay", "latency", "owd", "latenz", "verzögerung"],
        .roundTrip: ["rtt", "roundtrip", "roundtriptime", "ping"],
        .length: ["length", "distance", "dist", "len", "länge", "entfernung"],
        .weight: ["weight", "w", "wt", "value", "gewicht"],
        .caption: ["label", "edgelabel", "edgelabels"],
        .bandwidth: [
            "linkspeedraw", "bandwidth", "bw", "capacity", "linkspeed", "speed", "datarate",
            "bitrate", "bandbreite", "kapazität",
        ],
        .cost: ["cost", "costs", "kosten"],
    ]

    /// Names that say nothing of a delay by themselves, but do with a unit of time: `time (ms)`.
    static let timedNames = [
        "time", "traveltime", "transittime", "weight", "value", "metric", "cost",
    ]

    /// Words beside a name that leave its meaning.
    private static let qualifiers: Set<String> = [
        "link", "edge", "node", "vertex", "avg", "average", "mean", "median", "min", "minimum",
        "propagation", "prop", "one", "way", "oneway", "network", "net", "measured", "estimated",
        "est", "in", "geo", "deg", "degree", "degrees", "decimal", "wgs84", "cable", "fibre",
        "fiber", "n", "e", "v",
    ]

    private static let delayUnits: [String: DelayUnit] = [
        "s": .seconds, "sec": .seconds, "secs": .seconds, "second": .seconds, "seconds": .seconds,
        "ms": .milliseconds, "msec": .milliseconds, "msecs": .milliseconds,
        "millis": .milliseconds, "millisecond": .milliseconds, "milliseconds": .milliseconds,
        "us": .microseconds, "µs": .microseconds, "μs": .microseconds, "usec": .microseconds,
        "micros": .microseconds, "microsecond": .microseconds, "microseconds": .microseconds,
        "ns": .nanoseconds, "nsec": .nanoseconds, "nanos": .nanoseconds,
        "nanosecond": .nanoseconds, "nanoseconds": .nanoseconds,
        "km": .kilometres, "kms": .kilometres, "kilometer": .kilometres,
        "kilometers": .kilometres, "kilometre": .kilometres, "kilometres": .kilometres,
        "m": .metres, "meter": .metres, "meters": .metres, "metre": .metres, "metres": .metres,
        "mi": .miles, "mile": .miles, "miles": .miles,
    ]

    private static let bandwidthUnits: [String: Double] = {
        var units: [String: Double] = [:]
        for (prefix, factor) in [("", 1.0), ("k", 1e3), ("m", 1e6), ("g", 1e9), ("t", 1e12)] {
            for unit in ["bps", "bit", "bits"] { units[prefix + unit] = factor }
        }
        return units
    }()
}
