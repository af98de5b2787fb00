/// Reads the language of `PacketFilter`, by recursive descent.
struct FilterParser {
    private let text: String
    private let tokens: [FilterToken]
    private var index = 0
    private var depth = 0

    init(_ text: String) throws(FilterError) {
        self.text = text
        tokens = try FilterToken.tokens(of: text)
    }

    mutating func parse() throws(FilterError) -> PacketFilter.Condition {
        guard !tokens.isEmpty else { throw fault("the filter is empty; for example: type == nak") }
        let condition = try expression()
        if let token = next {
            throw fault("“\(token.text)” was not expected here; “and” or “or” could stand here")
        }
        return condition
    }

    private mutating func expression() throws(FilterError) -> PacketFilter.Condition {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthMax else { throw fault("too many brackets inside each other") }
        var condition = try term()
        while take("or", "||") { condition = .either(condition, try term()) }
        return condition
    }

    private mutating func term() throws(FilterError) -> PacketFilter.Condition {
        var condition = try factor()
        while take("and", "&&") { condition = .both(condition, try factor()) }
        return condition
    }

    private mutating func factor() throws(FilterError) -> PacketFilter.Condition {
        var isNegated = false
        while take("not", "!") { isNegated.toggle() }
        var condition: PacketFilter.Condition
        if take("(") {
            condition = try expression()
            guard take(")") else { throw fault("a closing bracket “)” is missing here") }
        } else {
            condition = try comparison()
        }
        if isNegated { condition = .not(condition) }
        return condition
    }

    private mutating func comparison() throws(FilterError) -> PacketFilter.Condition {
        guard let token = next else { throw fault("a field is missing here") }
        guard let field = FilterField(rawValue: token.text) else { throw unknownField(token) }
        index += 1
        if field.form == .flag {
            if let token = next, Self.operations[token.text] != nil {
                throw fault("“\(field.rawValue)” stands alone: it is true or not")
            }
            return .flag(field)
        }
        guard let token = next, let operation = Self.operations[token.text] else {
            throw fault(
                "after “\(field.rawValue)” one of == != < <= > >= in is missing"
            )
        }
        index += 1
        if operation == .isIn {
            return .compare(field, FilterTest(operation: .isIn, items: try list(of: field)))
        }
        if case .word(_) = field.form, operation != .equal, operation != .notEqual {
            index -= 1
            throw fault("“\(field.rawValue)” is a word: it is compared with == != in only")
        }
        let item = try value(of: field)
        return .compare(field, FilterTest(operation: operation, items: [item]))
    }

    private mutating func list(of field: FilterField) throws(FilterError) -> [FilterTest.Item] {
        let closing = take("[") ? "]" : take("(") ? ")" : take("{") ? "}" : nil
        var items = [try item(of: field)]
        guard let closing else { return items }
        while take(",") { items.append(try item(of: field)) }
        guard take(closing) else { throw fault("“,” or “\(closing)” is missing here") }
        return items
    }

    /// A value, a network, or a range of numbers or times.
    private mutating func item(of field: FilterField) throws(FilterError) -> FilterTest.Item {
        let first = try value(of: field, allowsNetwork: true)
        guard take("..") else { return first }
        let start = index
        switch (first, try value(of: field)) {
        case (.numbers(let low), .numbers(let high)) where low.lowerBound <= high.upperBound:
            return .numbers(low.lowerBound...high.upperBound)
        case (.elapsed(let low), .elapsed(let high)) where low.lowerBound <= high.upperBound:
            return .elapsed(low.lowerBound...high.upperBound)
        default:
            index = start
            throw fault("a range goes from a lower number to a higher one of its kind")
        }
    }

    private mutating func value(
        of field: FilterField,
        allowsNetwork: Bool = false
    ) throws(FilterError) -> FilterTest.Item {
        guard let token = next else { throw fault("a value is missing here") }
        guard let item = FilterLiteral.item(token.text, for: field.form, allowsNetwork) else {
            throw fault(
                "“\(token.text)” is no value for “\(field.rawValue)”: \(field.explanation)"
            )
        }
        index += 1
        return item
    }

    private var next: FilterToken? { index < tokens.count ? tokens[index] : nil }

    private mutating func take(_ words: String...) -> Bool {
        guard let token = next, words.contains(token.text.lowercased()) else { return false }
        index += 1
        return true
    }

    private func fault(_ problem: String) -> FilterError {
        FilterError(text: text, offset: next?.offset ?? text.count, problem: problem)
    }

    private func unknownField(_ token: FilterToken) -> FilterError {
        let names = FilterField.allCases.map(\.rawValue)
        let near = names.filter { name in
            name.hasPrefix(token.text.lowercased()) || token.text.lowercased().hasPrefix(name)
        }
        let advice =
            near.isEmpty
            ? "there are: " + names.joined(separator: " ")
            : "did you mean " + near.map { "“\($0)”" }.joined(separator: " or ") + "?"
        return fault("no field is called “\(token.text)”; \(advice)")
    }

    private static let operations: [String: FilterTest.Operation] = [
        "==": .equal, "=": .equal, "!=": .notEqual, "<": .less, "<=": .lessOrEqual, ">": .greater,
        ">=": .greaterOrEqual, "in": .isIn,
    ]
    private static let depthMax = 64
}
