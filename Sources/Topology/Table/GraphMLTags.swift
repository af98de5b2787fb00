/// The tags of plain GraphML: keys, nodes, edges and their data; no groups, no entities, no comments inside the graph.
struct GraphMLTags {
    private enum Place {
        case prolog, graph, node, edge, end, closed
    }

    private var place = Place.prolog
    private var edgeKeys: [(id: String, name: String)] = []
    private var keys: PlainKeys?
    private var delayKeyID: [UInt8] = []
    private var graph = PlainGraph()
    /// Of the edge that is being read: numbers are found when it ends, bytes are kept until then.
    private var source: [UInt8] = []
    private var target: [UInt8] = []
    private var delay: Double?

    var notes: [String] { graph.notes(keys) }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    /// - Returns: how many bytes were taken; `nil` for what is not plain.
    mutating func consume(
        _ bytes: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        into edges: inout EdgeTable
    ) -> Int? {
        var position = 0
        while true {
            while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
            guard position < bytes.count else { break }
            guard bytes[position] == UInt8(ascii: "<") else { return nil }
            guard let end = Self.index(of: UInt8(ascii: ">"), in: bytes, from: position) else {
                break
            }
            let tag = Bytes(rebasing: bytes[(position + 1)..<end])
            if place == .prolog, Self.starts(tag, "!--") {
                guard Self.ends(tag, "--") else { return nil }
                position = end + 1
                continue
            }
            if Self.starts(tag, "data") {
                // Its text and its end belong to it.
                guard let next = Self.index(of: UInt8(ascii: "<"), in: bytes, from: end),
                    let last = Self.index(of: UInt8(ascii: ">"), in: bytes, from: next)
                else { break }
                let close = Bytes(rebasing: bytes[(next + 1)..<last])
                let text = Bytes(rebasing: bytes[(end + 1)..<next])
                guard Self.equals(close, "/data"), readData(tag, text) else { return nil }
                position = last + 1
                continue
            }
            guard read(tag, into: &edges) else { return nil }
            position = end + 1
        }
        guard isLast else { return position }
        return position == bytes.count && place == .closed && !graph.isMisled(by: keys)
            ? position : nil
    }

    private mutating func read(_ tag: Bytes, into edges: inout EdgeTable) -> Bool {
        let isEmpty = tag.last == UInt8(ascii: "/")
        switch place {
        case .prolog:
            if Self.starts(tag, "?") || Self.starts(tag, "graphml") { return true }
            if Self.starts(tag, "key") { return isEmpty && readKey(tag) }
            if Self.equals(tag, "/key") { return true }
            guard Self.starts(tag, "graph"), !isEmpty,
                let keys = PlainKeys(ofEdges: edgeKeys.map(\.name))
            else { return false }
            self.keys = keys
            if let name = keys.delayKey, let key = edgeKeys.first(where: { $0.name == name }) {
                delayKeyID = Array(key.id.utf8)
            }
            place = .graph
            return true
        case .graph:
            if Self.starts(tag, "node") {
                guard let id = Self.attribute("id", of: tag), graph.addNode(id, to: &edges) else {
                    return false
                }
                if !isEmpty { place = .node }
                return true
            }
            if Self.starts(tag, "edge") {
                guard let from = Self.attribute("source", of: tag),
                    let to = Self.attribute("target", of: tag)
                else { return false }
                delay = nil
                if isEmpty { return graph.addEdge(from, to, delay: nil, to: &edges) }
                source.replaceSubrange(source.indices, with: from)
                target.replaceSubrange(target.indices, with: to)
                place = .edge
                return true
            }
            guard Self.equals(tag, "/graph") else { return false }
            place = .end
            return true
        case .node:
            guard Self.equals(tag, "/node") else { return false }
            place = .graph
            return true
        case .edge:
            guard Self.equals(tag, "/edge") else { return false }
            place = .graph
            return source.withUnsafeBufferPointer { source in
                target.withUnsafeBufferPointer { target in
                    graph.addEdge(source, target, delay: delay, to: &edges)
                }
            }
        case .end:
            guard Self.equals(tag, "/graphml") else { return false }
            place = .closed
            return true
        case .closed: return false
        }
    }

    private mutating func readKey(_ tag: Bytes) -> Bool {
        guard let id = Self.attribute("id", of: tag), let kind = Self.attribute("for", of: tag),
            let name = Self.attribute("attr.name", of: tag)
        else { return false }
        let text = String(decoding: name, as: UTF8.self)
        let identifier = String(decoding: id, as: UTF8.self)
        if Self.equals(kind, "edge") {
            guard !edgeKeys.contains(where: { $0.id == identifier || $0.name == text }) else {
                return false
            }
            edgeKeys.append((identifier, text))
            return true
        }
        return Self.equals(kind, "graph")
            || Self.equals(kind, "node") && !PlainKeys.isOfPlaces(text)
    }

    private mutating func readData(_ tag: Bytes, _ text: Bytes) -> Bool {
        guard place == .edge || place == .node || place == .graph, tag.last != UInt8(ascii: "/"),
            let key = Self.attribute("key", of: tag)
        else { return false }
        guard place == .edge, !delayKeyID.isEmpty, key.elementsEqual(delayKeyID), let keys else {
            return true
        }
        guard delay == nil, let value = PlainBytes.delay(text, keys.rule) else { return false }
        delay = value
        return true
    }

    // MARK: Bytes

    private static func index(of byte: UInt8, in bytes: Bytes, from start: Int) -> Int? {
        var index = start
        while index < bytes.count {
            if bytes[index] == byte { return index }
            index += 1
        }
        return nil
    }

    private static func starts(_ bytes: Bytes, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        for index in 0..<count where bytes[index] != text.utf8Start[index] { return false }
        // A whole word: `graph` is none of `graphml`.
        guard bytes.count > count, text.utf8Start[0] != UInt8(ascii: "?"),
            text.utf8Start[0] != UInt8(ascii: "!")
        else { return true }
        return bytes[count] <= 0x20 || bytes[count] == UInt8(ascii: "/")
    }

    private static func ends(_ bytes: Bytes, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        return (0..<count).allSatisfy { bytes[bytes.count - count + $0] == text.utf8Start[$0] }
    }

    private static func equals(_ bytes: Bytes, _ text: StaticString) -> Bool {
        var count = bytes.count
        while count > 0, bytes[count - 1] <= 0x20 { count -= 1 }
        guard count == text.utf8CodeUnitCount else { return false }
        return (0..<count).allSatisfy { bytes[$0] == text.utf8Start[$0] }
    }

    /// The value of `name="…"`; `nil` where there is none, or one in other quotes or with entities.
    private static func attribute(_ name: StaticString, of tag: Bytes) -> Bytes? {
        let count = name.utf8CodeUnitCount
        var index = 0
        var isInside = false
        while index + count + 2 < tag.count {
            if tag[index] == UInt8(ascii: "\"") { isInside.toggle() }
            guard !isInside, tag[index] <= 0x20, tag[index + count + 1] == UInt8(ascii: "="),
                tag[index + count + 2] == UInt8(ascii: "\""),
                (0..<count).allSatisfy({ tag[index + 1 + $0] == name.utf8Start[$0] })
            else {
                index += 1
                continue
            }
            let start = index + count + 3
            var end = start
            while end < tag.count, tag[end] != UInt8(ascii: "\"") {
                if tag[end] == UInt8(ascii: "&") || tag[end] == UInt8(ascii: "<") { return nil }
                end += 1
            }
            return end < tag.count ? Bytes(rebasing: tag[start..<end]) : nil
        }
        return nil
    }
}
