import Wire

/// What is wrong with a command of a link; the connection ends, and nothing of the command is believed (tree-link.md, B3).
public struct LinkFault: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String

    public init(_ description: String) {
        self.description = description
    }
}

/// Reads the fields of a command's body, and never beyond its end.
struct LinkReader: ~Copyable {
    private let octets: [UInt8]
    private var place = 0

    init(_ octets: [UInt8]) {
        self.octets = octets
    }

    var isAtEnd: Bool { place == octets.count }
    /// How many octets have been read.
    var offset: Int { place }

    mutating func octet() throws(LinkFault) -> UInt8 {
        guard place < octets.count else { throw Self.short }
        defer { place += 1 }
        return octets[place]
    }

    mutating func number() throws(LinkFault) -> UInt64 {
        guard octets.count - place >= 8 else { throw Self.short }
        var number: UInt64 = 0
        for octet in octets[place..<place + 8] { number = number << 8 | UInt64(octet) }
        place += 8
        return number
    }

    /// Unsigned LEB128, at most 10 octets, and no more of them than are needed: one number has one form.
    mutating func varint() throws(LinkFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let octet = try octet()
            let part = UInt64(octet & 0x7F)
            guard shift < 63 || part <= 1 else { throw LinkFault("a varint has more than 64 bits") }
            value |= part << shift
            guard octet & 0x80 != 0 else {
                guard octet != 0 || shift == 0 else {
                    throw LinkFault("a varint has octets that it does not need")
                }
                return value
            }
        }
        throw LinkFault("a varint has more than 10 octets")
    }

    /// How many things follow; each takes at least one octet, so no more is reserved than was sent.
    mutating func count() throws(LinkFault) -> Int {
        let count = try varint()
        guard count <= UInt64(octets.count - place) else { throw Self.short }
        return Int(count)
    }

    mutating func topic() throws(LinkFault) -> LinkTopic {
        let count = try count()
        defer { place += count }
        return Array(octets[place..<place + count])
    }

    mutating func text() throws(LinkFault) -> String {
        let topic = try topic()
        guard topic.count <= Self.textOctetCountMax else {
            throw LinkFault("a text has more than \(Self.textOctetCountMax) octets")
        }
        guard let text = String(validating: topic, as: UTF8.self) else {
            throw LinkFault("a text is not UTF-8")
        }
        return text
    }

    mutating func texts() throws(LinkFault) -> [String] {
        var texts: [String] = []
        for _ in 0..<(try count()) { texts.append(try text()) }
        return texts
    }

    mutating func topics() throws(LinkFault) -> [LinkTopic] {
        var topics: [LinkTopic] = []
        for _ in 0..<(try count()) { topics.append(try topic()) }
        return topics
    }

    mutating func position() throws(LinkFault) -> LinkPosition {
        LinkPosition(epoch: try number(), number: try number())
    }

    mutating func rest() -> [UInt8] {
        defer { place = octets.count }
        return Array(octets[place...])
    }

    private static let short = LinkFault("a command ends too early")
    static let textOctetCountMax = 1_024
}

/// Appends the fields of a command's body.
struct LinkWriter {
    private(set) var octets: [UInt8] = []

    mutating func octet(_ value: UInt8) {
        octets.append(value)
    }

    mutating func number(_ value: UInt64) {
        BigEndian.append(value, to: &octets)
    }

    mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(rest))
    }

    mutating func topic(_ topic: LinkTopic) {
        varint(UInt64(topic.count))
        octets += topic
    }

    mutating func text(_ text: String) {
        topic(Array(text.utf8))
    }

    mutating func texts(_ texts: [String]) {
        varint(UInt64(texts.count))
        texts.forEach { text($0) }
    }

    mutating func topics(_ topics: [LinkTopic]) {
        varint(UInt64(topics.count))
        topics.forEach { topic($0) }
    }

    mutating func position(_ position: LinkPosition) {
        number(position.epoch)
        number(position.number)
    }
}
