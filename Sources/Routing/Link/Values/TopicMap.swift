/// Octets of a topic.
public typealias LinkTopic = [UInt8]

/// Values by topic, in a reproducible order.
struct TopicMap<Value: Sendable>: Sendable {
    private(set) var entries: [(topic: LinkTopic, value: Value)] = []
    /// Looked up, never iterated.
    private var places: [LinkTopic: Int] = [:]

    var isEmpty: Bool { entries.isEmpty }
    var topics: [LinkTopic] { entries.map(\.topic) }

    func contains(_ topic: LinkTopic) -> Bool { places[topic] != nil }

    subscript(topic: LinkTopic) -> Value? {
        get { places[topic].map { entries[$0].value } }
        set {
            switch (places[topic], newValue) {
            case (let place?, let value?): entries[place].value = value
            case (nil, let value?):
                places[topic] = entries.count
                entries.append((topic, value))
            case (let place?, nil): remove(at: place)
            case (nil, nil): break
            }
        }
    }

    /// Puts the last entry into the place that becomes free.
    private mutating func remove(at place: Int) {
        places[entries[place].topic] = nil
        let last = entries.removeLast()
        guard place < entries.count else { return }
        entries[place] = last
        places[last.topic] = place
    }

    mutating func forEachValue(_ body: (inout Value) -> Void) {
        for place in entries.indices { body(&entries[place].value) }
    }
}

/// A set of topics, in a reproducible order.
typealias TopicSet = TopicMap<Bool>

extension TopicMap where Value == Bool {
    init(_ topics: some Sequence<LinkTopic>) {
        self.init()
        topics.forEach { insert($0) }
    }

    mutating func insert(_ topic: LinkTopic) { self[topic] = true }
    mutating func insert(_ topics: some Sequence<LinkTopic>) { topics.forEach { insert($0) } }
    mutating func remove(_ topic: LinkTopic) { self[topic] = nil }
}

/// From which number on a relay's ring has all of a topic (tree-link.md, D5).
struct TopicCoverage: Sendable {
    /// Of every topic there is: a root, a standby, the head of an island.
    var everythingSince: UInt64?
    private(set) var since = TopicMap<UInt64>()

    var topics: [LinkTopic] { since.topics }

    func covers(_ topics: some Sequence<LinkTopic>, since first: UInt64) -> Bool {
        if let everythingSince, everythingSince <= first { return true }
        return topics.allSatisfy { topic in since[topic].map { $0 <= first } ?? false }
    }

    func contains(_ topic: LinkTopic) -> Bool { since.contains(topic) }

    /// What is asked for with the empty topic by who takes everything covers everything.
    mutating func extend(_ topics: [LinkTopic], since first: UInt64, isEverything: Bool) {
        if isEverything { everythingSince = min(everythingSince ?? .max, first) }
        for topic in topics { since[topic] = min(since[topic] ?? .max, first) }
    }

    mutating func remove(_ topic: LinkTopic) {
        since[topic] = nil
    }

    /// The relay's history ends before `first`: what follows will come as it was asked for.
    mutating func shrink(to first: UInt64) {
        everythingSince = everythingSince.map { min($0, first) }
        since.forEachValue { $0 = min($0, first) }
    }

    /// Nothing before `first` is there any more.
    mutating func raise(to first: UInt64) {
        everythingSince = everythingSince.map { max($0, first) }
        since.forEachValue { $0 = max($0, first) }
    }
}
