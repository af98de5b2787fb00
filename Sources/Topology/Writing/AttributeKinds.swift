/// What the values of each attribute are, so that formats with types can say so.
struct AttributeKinds {
    enum Kind: String {
        case boolean
        case integer = "long"
        case decimal = "double"
        case text = "string"
    }

    /// In the order in which attributes come up.
    private(set) var names: [String] = []
    private var kindOf: [String: Kind] = [:]

    init(_ lists: some Sequence<[TopologyAttribute]>) {
        for list in lists {
            for attribute in list {
                let kind = Self.kind(of: attribute.text)
                guard let known = kindOf[attribute.name] else {
                    names.append(attribute.name)
                    kindOf[attribute.name] = kind
                    continue
                }
                if known != kind { kindOf[attribute.name] = Self.joined(known, kind) }
            }
        }
    }

    func kind(of name: String) -> Kind { kindOf[name] ?? .text }

    private static func joined(_ a: Kind, _ b: Kind) -> Kind {
        let areNumbers = a != .text && a != .boolean && b != .text && b != .boolean
        return areNumbers ? .decimal : .text
    }

    /// RFC 8259 §6, which has no sign `+` and no zeros in front. What a number of 64 bits would change
    /// stays text.
    private static func kind(of text: String) -> Kind {
        if text == "true" || text == "false" { return .boolean }
        let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
        guard let first = digits.utf8.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return .text }
        if first == UInt8(ascii: "0"), digits.utf8.count > 1, !digits.dropFirst().hasPrefix(".") {
            return .text
        }
        if let number = Int64(text) { return text == "\(number)" ? .integer : .text }
        guard let number = Quantity.number(text), text == "\(number)" else { return .text }
        return .decimal
    }
}
