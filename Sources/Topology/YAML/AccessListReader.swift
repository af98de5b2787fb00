package import Vocabulary
import Yams

/// Reads a file that is one access list: what stands under `access` in a topology file.
package enum AccessListReader {
    /// - Throws: `TopologyError` for what is no such list, with all that is wrong with it.
    package static func read(_ text: String, file: String) throws(TopologyError) -> AccessList {
        let source = try SourceText(Array(text.utf8), file: file)
        guard let root = try YAMLReader.root(of: source) else {
            throw TopologyError(file: file, message: "the file is empty; it needs rules")
        }
        var decoder = YAMLDecoder(file: file)
        let list = decoder.accessList(of: root, as: "an access list")
        try decoder.mistakes.check()
        return list
    }
}

extension YAMLDecoder {
    /// The list under `access`; `nil` when it is absent.
    mutating func accessList(in fields: YAMLFields) -> AccessList? {
        fields["access"].map { accessList(of: $0, as: "access") }
    }

    fileprivate mutating func accessList(of node: Yams.Node, as what: String) -> AccessList {
        let fields = fields(of: node, as: what, keys: ["rules", "default"])
        var list = AccessList()
        for item in self.list("rules", in: fields) where !mistakes.isFull {
            list.rules.append(rule(item))
        }
        if let others = fields["default"] {
            list.otherwise = permission(
                in: self.fields(of: others, as: "default", keys: Self.permissionKeys)
            )
        }
        return list
    }

    private mutating func rule(_ node: Yams.Node) -> AccessList.Rule {
        let fields = fields(
            of: node,
            as: "a rule",
            keys: ["key", "user", "address", "relay"] + Self.permissionKeys
        )
        let rule = AccessList.Rule(
            keys: values("key", in: fields, Self.key),
            users: values("user", in: fields) { .success($0) },
            addresses: values("address", in: fields) { text in
                guard let block = AddressBlock(text) else {
                    return .failure(
                        ValueError(
                            "\(quoted(text)) is no address or network, such as 10.0.0.5 or 10.0.0.0/8"
                        )
                    )
                }
                return .success(block)
            },
            permission: permission(in: fields),
            mayBeRelay: value("relay", in: fields, Self.choice) ?? false
        )
        if fields["key"] == nil, fields["user"] == nil, fields["address"] == nil {
            mistakes.add(
                "this rule is for nobody; give it a key, a user or an address, or write it under default",
                at: fields.position
            )
        }
        return rule
    }

    private mutating func permission(in fields: YAMLFields) -> AccessList.Permission {
        AccessList.Permission(
            publish: topics("publish", in: fields),
            subscribe: topics("subscribe", in: fields)
        )
    }

    /// `all`, `none`, a prefix, or a list of prefixes.
    private mutating func topics(_ key: String, in fields: YAMLFields) -> [String] {
        if case .scalar(let scalar)? = fields[key], scalar.style == .plain {
            if scalar.string == "all" { return [""] }
            if scalar.string == "none" { return [] }
        }
        return values(key, in: fields) { .success($0) }
    }

    /// A value, or a list of them.
    private mutating func values<Value>(
        _ key: String,
        in fields: YAMLFields,
        _ parse: (String) -> Result<Value, ValueError>
    ) -> [Value] {
        guard let node = fields[key] else { return [] }
        guard case .sequence(let sequence) = node else {
            return parsed(node, as: key, parse).map { [$0] } ?? []
        }
        var values: [Value] = []
        for item in sequence where !mistakes.isFull {
            if let value = parsed(item, as: key, parse) { values.append(value) }
        }
        return values
    }

    /// `any`, a key, or a list of keys.
    mutating func allowedKeys(in fields: YAMLFields) -> AllowedKeys? {
        guard let node = fields["allow"] else { return nil }
        if node.scalar?.string == "any" { return .any }
        return .keys(values("allow", in: fields, Self.key))
    }

    private static func key(_ text: String) -> Result<String, ValueError> {
        guard text.utf8.count == 40 else {
            return .failure(ValueError("\(quoted(text)) is no public key: 40 characters of Z85"))
        }
        return .success(text)
    }

    private static func choice(_ text: String) -> Result<Bool, ValueError> {
        switch text {
        case "yes", "true": .success(true)
        case "no", "false": .success(false)
        default: .failure(ValueError("\(quoted(text)) must be yes or no"))
        }
    }

    private static let permissionKeys = ["publish", "subscribe"]
}
