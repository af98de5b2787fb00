/// Numbers for topics, so that a message carries one word.
struct TopicTable {
    private var ids: [TopicPrefix: Int] = [:]
    private(set) var topics: [TopicPrefix] = [unknown]
    private var lastTopic = unknown
    private var lastID = 0
    /// Messages whose topic found no place in the table.
    private(set) var overflowCount = 0

    /// The id 0 stands for any topic: beyond the bound nothing is claimed about topics.
    mutating func id(of topic: TopicPrefix) -> Int {
        if topic == lastTopic { return lastID }
        let id: Int
        if let known = ids[topic] {
            id = known
        } else if topics.count < Self.countMax {
            id = topics.count
            topics.append(topic)
            ids[topic] = id
        } else {
            overflowCount += 1
            return 0
        }
        lastTopic = topic
        lastID = id
        return id
    }

    /// Nothing of it is known: every prefix may match.
    private static let unknown = TopicPrefix(high: 0, low: 0, count: 0, isWhole: false)
    private static let countMax = 1 << 20
}
