import Rendering
import Vocabulary

/// Access lists as a plan file has them.
extension AccessList {
    var json: JSONValue {
        .object(["rules": .array(rules.map(\.json)), "default": otherwise.json])
    }
}

extension AllowedKeys {
    var json: JSONValue {
        switch self {
        case .any: .string("any")
        case .keys(let keys): .strings(keys)
        }
    }
}

extension AccessList.Permission {
    fileprivate var json: JSONValue {
        .object(["publish": .strings(publish), "subscribe": .strings(subscribe)])
    }
}

extension AccessList.Rule {
    fileprivate var json: JSONValue {
        .object([
            "keys": .strings(keys),
            "users": .strings(users),
            "addresses": .strings(addresses.map(\.description)),
            "permission": permission.json,
            "relay": .bool(mayBeRelay),
        ])
    }
}

extension JSONValue {
    fileprivate static func strings(_ values: [String]) -> JSONValue {
        .array(values.map { .string($0) })
    }
}
