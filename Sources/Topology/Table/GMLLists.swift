/// The lists of plain GML: one graph of nodes and edges whose values are words or texts; no lists in these, no comments.
struct GMLLists {
    private enum Token: Equatable {
        case word(Range<Int>)
        case text(Range<Int>)
        case open, close
        /// The bytes end within it.
        case cut
    }

    /// What a key of an edge or a node is.
    private enum Role {
        case id, source, target, delay, other
    }

    private enum Place {
        case prolog, graph, end
    }

    private var place = Place.prolog
    private var graph = PlainGraph()
    private var keys: PlainKeys?
    /// Keys met so far, few: a list is searched faster than a table.
    private var edgeRoles: [(name: [UInt8], role: Role)] = []
    private var nodeRoles: [(name: [UInt8], role: Role)] = []

    var notes: [String] { graph.notes(keys) }

    private typealias Bytes = UnsafeBufferPointer<UInt8>

    /// - Returns: how many bytes were taken; `nil` for what is not plain.
    mutating func consume(
        _ bytes: UnsafeBufferPointer<UInt8>,
        isLast: Bool,
        into edges: inout EdgeTable
    ) -> Int? {
        var taken = 0
        var position = 0
        while true {
            Self.skipBlanks(bytes, &position)
            if position == bytes.count { taken = position }
            guard let key = Self.token(bytes, &position, isLast), key != .cut else { break }
            if key == .close, place == .graph {
                place = .end
                taken = position
                continue
            }
            guard case .word(let name) = key, place != .end,
                let value = Self.token(bytes, &position, isLast)
            else {
                // A key without its value may have it in the next piece.
                if case .word = key, !isLast, place != .end { break }
                return nil
            }
            if value == .cut { break }
            if value == .open {
                switch readList(named: name, bytes, &position, isLast, into: &edges) {
                case nil: return nil
                case false?: return isLast ? nil : taken
                case true?: break
                }
            } else if value == .close {
                return nil
            }
            taken = position
        }
        guard isLast else { return taken }
        return taken == bytes.count && place == .end && !graph.isMisled(by: keys) ? taken : nil
    }

    /// - Returns: `false` when the list is not all there; `nil` when it is not plain.
    private mutating func readList(
        named name: Range<Int>,
        _ bytes: Bytes,
        _ position: inout Int,
        _ isLast: Bool,
        into edges: inout EdgeTable
    ) -> Bool? {
        let name = Bytes(rebasing: bytes[name])
        switch place {
        case .prolog:
            guard Self.equals(name, "graph") else { return nil }
            place = .graph
            return true
        case .graph:
            let isNode = Self.equals(name, "node")
            guard isNode || Self.equals(name, "edge") else { return nil }
            return readItem(isNode: isNode, bytes, &position, isLast, into: &edges)
        case .end: return nil
        }
    }

    private mutating func readItem(
        isNode: Bool,
        _ bytes: Bytes,
        _ position: inout Int,
        _ isLast: Bool,
        into edges: inout EdgeTable
    ) -> Bool? {
        let start = position
        if !isNode, keys == nil {
            guard let names = Self.names(bytes, start, isLast) else { return false }
            guard chooseDelay(among: names) else { return nil }
        }
        var id: Range<Int>?
        var ends: (source: Range<Int>?, target: Range<Int>?)
        var delay: Double?
        while let key = Self.token(bytes, &position, isLast), key != .cut {
            if key == .close { break }
            guard case .word(let name) = key else { return nil }
            guard let value = Self.token(bytes, &position, isLast), value != .cut else {
                return false
            }
            let range: Range<Int>
            switch value {
            case .word(let word), .text(let word): range = word
            case .open, .close, .cut: return nil
            }
            switch role(of: Bytes(rebasing: bytes[name]), isNode: isNode) {
            case nil: return nil
            case .id: id = id ?? range
            case .source: ends.source = ends.source ?? range
            case .target: ends.target = ends.target ?? range
            case .delay:
                guard let keys,
                    let value = PlainBytes.delay(Bytes(rebasing: bytes[range]), keys.rule),
                    delay == nil
                else { return nil }
                delay = value
            case .other: break
            }
        }
        guard position > start, bytes[position - 1] == UInt8(ascii: "]") else { return false }
        if isNode {
            guard let id, graph.addNode(Bytes(rebasing: bytes[id]), to: &edges) else { return nil }
            return true
        }
        guard let source = ends.source, let target = ends.target,
            graph.addEdge(
                Bytes(rebasing: bytes[source]),
                Bytes(rebasing: bytes[target]),
                delay: delay,
                to: &edges
            )
        else { return nil }
        return true
    }

    /// The first edge tells which keys edges have; one that comes later and may be a delay is not plain.
    private mutating func chooseDelay(among names: [String]) -> Bool {
        guard let keys = PlainKeys(ofEdges: names) else { return false }
        self.keys = keys
        return true
    }

    /// The keys of a list; `nil` when it is not all there.
    private static func names(_ bytes: Bytes, _ start: Int, _ isLast: Bool) -> [String]? {
        var names: [String] = []
        var position = start
        while let key = token(bytes, &position, isLast) {
            if key == .close { return names }
            guard case .word(let range) = key, let value = token(bytes, &position, isLast),
                value != .cut
            else { return nil }
            let name = String(decoding: bytes[range], as: UTF8.self)
            if name != "source", name != "target" { names.append(name) }
        }
        return nil
    }

    /// `nil` for a key that is not plain.
    private mutating func role(of name: Bytes, isNode: Bool) -> Role? {
        let known = isNode ? nodeRoles : edgeRoles
        if let found = known.first(where: { name.elementsEqual($0.name) }) { return found.role }
        let text = String(decoding: name, as: UTF8.self)
        let role: Role
        if isNode {
            guard !PlainKeys.isOfPlaces(text) else { return nil }
            role = text == "id" ? .id : .other
            nodeRoles.append((Array(name), role))
        } else {
            switch text {
            case "source": role = .source
            case "target": role = .target
            case _ where text == keys?.delayKey: role = .delay
            default:
                guard let alone = PlainKeys(ofEdges: [text]),
                    alone.delayKey == nil || keys?.isGuess == false && alone.isGuess
                else { return nil }
                role = .other
            }
            edgeRoles.append((Array(name), role))
        }
        return role
    }

    // MARK: Tokens

    private static func skipBlanks(_ bytes: Bytes, _ position: inout Int) {
        while position < bytes.count, bytes[position] <= 0x20 { position += 1 }
    }

    /// `nil` at the end, and for what is no plain token.
    private static func token(_ bytes: Bytes, _ position: inout Int, _ isLast: Bool) -> Token? {
        skipBlanks(bytes, &position)
        guard position < bytes.count else { return isLast ? nil : .cut }
        let start = position
        switch bytes[position] {
        case UInt8(ascii: "["):
            position += 1
            return .open
        case UInt8(ascii: "]"):
            position += 1
            return .close
        case UInt8(ascii: "#"): return nil
        case UInt8(ascii: "\""):
            position += 1
            while position < bytes.count, bytes[position] != UInt8(ascii: "\"") { position += 1 }
            guard position < bytes.count else { return .cut }
            position += 1
            return .text((start + 1)..<(position - 1))
        default:
            while position < bytes.count, bytes[position] > 0x20,
                bytes[position] != UInt8(ascii: "["), bytes[position] != UInt8(ascii: "]"),
                bytes[position] != UInt8(ascii: "\"")
            { position += 1 }
            guard position < bytes.count || isLast else { return .cut }
            return .word(start..<position)
        }
    }

    private static func equals(_ bytes: Bytes, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        return bytes.indices.allSatisfy { bytes[$0] == text.utf8Start[$0] }
    }
}
