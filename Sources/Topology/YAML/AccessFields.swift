import Vocabulary
import Yams

/// The grammar of access lists and lists of keys, on top of what decodes a topology.
enum AccessFields {
    /// The list under `access`; `nil` when it is absent.
    static func list(in fields: YAMLFields, _ decoder: inout YAMLDecoder) -> AccessList? {
        fields["access"].map { list(of: $0, as: "access", &decoder) }
    }

    static func list(
        of node: Yams.Node,
        as what: String,
        _ decoder: inout YAMLDecoder
    ) -> AccessList {
        let fields = decoder.fields(of: node, as: what, keys: ["rules", "default"])
        var list = AccessList()
        for item in decoder.list("rules", in: fields) where !decoder.mistakes.isFull {
            list.rules.append(rule(item, &decoder))
        }
        if let others = fields["default"] {
            list.otherwise = permission(
                in: decoder.fields(of: others, as: "default", keys: permissionKeys),
                &decoder
            )
        }
        return list
    }

    private static func rule(
        _ node: Yams.Node,
        _ decoder: inout YAMLDecoder
    ) -> AccessList.Rule {
        let fields = decoder.fields(
            of: node,
            as: "a rule",
            keys: ["key", "user", "address", "relay"] + permissionKeys
        )
        let rule = AccessList.Rule(
            keys: values("key", in: fields, &decoder, key),
            users: values("user", in: fields, &decoder) { .success($0) },
            addresses: values("address", in: fields, &decoder) { text in
                guard let block = AddressBlock(text) else {
                    return .failure(
                        ValueError(
                            "\(quoted(text)) is no address or network, such as 10.0.0.5 or 10.0.0.0/8"
                        )
                    )
                }
                return .success(block)
            },
            permission: permission(in: fields, &decoder),
            mayBeRelay: decoder.value("relay", in: fields, choice) ?? false
        )
        if fields["key"] == nil, fields["user"] == nil, fields["address"] == nil {
            decoder.mistakes.add(
                "this rule is for nobody; give it a key, a user or an address, or write it under default",
                at: fields.position
            )
        }
        return rule
    }

    private static func permission(
        in fields: YAMLFields,
        _ decoder: inout YAMLDecoder
    ) -> AccessList.Permission {
        AccessList.Permission(
            publish: topics("publish", in: fields, &decoder),
            subscribe: topics("subscribe", in: fields, &decoder)
        )
    }

    /// `all`, `none`, a prefix, or a list of prefixes.
    private static func topics(
        _ key: String,
        in fields: YAMLFields,
        _ decoder: inout YAMLDecoder
    ) -> [String] {
        if case .scalar(let scalar)? = fields[key], scalar.style == .plain {
            if scalar.string == "all" { return [""] }
            if scalar.string == "none" { return [] }
        }
        return values(key, in: fields, &decoder) { .success($0) }
    }

    /// A value, or a list of them.
    private static func values<Value>(
        _ key: String,
        in fields: YAMLFields,
        _ decoder: inout YAMLDecoder,
        _ parse: (String) -> Result<Value, ValueError>
    ) -> [Value] {
        guard let node = fields[key] else { return [] }
        guard case .sequence(let sequence) = node else {
            return decoder.parsed(node, as: key, parse).map { [$0] } ?? []
        }
        var values: [Value] = []
        for item in sequence where !decoder.mistakes.isFull {
            if let value = decoder.parsed(item, as: key, parse) { values.append(value) }
        }
        return values
    }

    /// `any`, a key, or a list of keys.
    static func allowedKeys(
        in fields: YAMLFields,
        _ decoder: inout YAMLDecoder
    ) -> AllowedKeys? {
        guard let node = fields["allow"] else { return nil }
        if node.scalar?.string == "any" { return .any }
        return .keys(values("allow", in: fields, &decoder, key))
    }

    private static func key(_ text: String) -> Result<String, ValueError> {
        guard text.utf8.count == 40 else {
            return .failure(ValueError("\(quoted(text)) is no public key: 40 characters of Z85"))
        }
        return .success(text)
    }

    static func choice(_ text: String) -> Result<Bool, ValueError> {
        switch text {
        case "yes", "true": .success(true)
        case "no", "false": .success(false)
        default: .failure(ValueError("\(quoted(text)) must be yes or no"))
        }
    }

    private static let permissionKeys = ["publish", "subscribe"]
}
