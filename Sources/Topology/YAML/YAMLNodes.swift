import Vocabulary
import Yams

extension YAMLDecoder {
    static let nodeKeys = [
        "label", "address", "bind-address", "publishers", "subscribers", "control",
        "max-children", "uplink", "region",
        "coordinates", "weight", "overflow", "stall", "access", "allow", "websocket",
        "attributes", "pass-through",
    ]

    /// The ports of a node that has an address and says no more; those of the README's lone relay.
    private static let defaultPorts = (publishers: "6001", subscribers: "6002", control: "6003")

    /// `nodes` as a mapping (`id: attributes`) or a list (ids, or mappings with an `id`).
    mutating func nodes(from root: YAMLFields, defaults: YAMLFields) -> [Topology.Node] {
        guard let section = root["nodes"] else {
            // Behind a mistyped key or a file of another kind there is more to say than this.
            if mistakes.found.isEmpty {
                mistakes.add("there are no nodes; list them under the key nodes", at: root.position)
            }
            return []
        }
        var nodes: [Topology.Node] = []
        switch section {
        case .mapping(let mapping):
            for (key, value) in mapping where !mistakes.isFull {
                guard let id = scalar(key, as: "a node id") else { continue }
                let fields = fields(of: value, as: "node \(quoted(id))", keys: Self.nodeKeys)
                nodes.append(
                    node(id, from: fields.filled(from: defaults), at: position(of: key))
                )
            }
        case .sequence(let sequence):
            // One past the bound is enough for the validation to refuse it.
            for item in sequence.prefix(Topology.nodeCountMax + 1) where !mistakes.isFull {
                if let node = node(fromItem: item, defaults: defaults) { nodes.append(node) }
            }
        case .scalar, .alias:
            mistakes.add(
                "nodes must be a mapping (id: attributes) or a list of ids",
                at: position(of: section)
            )
        }
        if nodes.isEmpty, mistakes.found.isEmpty {
            mistakes.add(
                "there are no nodes; a topology needs at least one",
                at: position(of: section)
            )
        }
        know(nodes)
        return nodes
    }

    private mutating func node(fromItem item: Yams.Node, defaults: YAMLFields) -> Topology.Node? {
        if case .scalar(let scalar) = item, !item.isNull {
            return node(scalar.string, from: defaults, at: position(of: item))
        }
        let fields = fields(of: item, as: "a node", keys: ["id"] + Self.nodeKeys)
        guard let id = text("id", in: fields) else {
            if fields["id"] == nil, case .mapping = item {
                mistakes.add("this node has no id; add the key id", at: fields.position)
            } else if item.isNull {
                mistakes.add("this node is empty; write its id", at: fields.position)
            }
            return nil
        }
        return node(id, from: fields.filled(from: defaults), at: fields.position)
    }

    mutating func node(
        _ id: String,
        from fields: YAMLFields,
        at position: SourcePosition?
    ) -> Topology.Node {
        var node = Topology.Node(id: id, position: position)
        if let label = text("label", in: fields) { node.label = label }
        readEndpoints(of: &node, from: fields)
        node.maxChildren = limit("max-children", in: fields, least: 0)
        node.uplinkBitsPerSecond = value("uplink", in: fields, Quantity.bitsPerSecond)
        node.region = text("region", in: fields)
        node.coordinates = coordinates(in: fields)
        if let weight = amount("weight", in: fields) { node.weight = weight }
        node.isPassThrough = value("pass-through", in: fields, AccessFields.choice) ?? false
        node.overflow = word("overflow", in: fields, as: OverflowPolicy.self)
        node.stall = stall(in: fields)
        node.access = AccessFields.list(in: fields, &self)
        node.websocket = value("websocket", in: fields) { text in
            RelayAddress.web(text).map { _ in text }
        }
        node.allow = AccessFields.allowedKeys(in: fields, &self)
        return node
    }

    /// `[latitude, longitude]` in degrees.
    private mutating func coordinates(in fields: YAMLFields) -> Topology.Coordinates? {
        guard let field = fields["coordinates"] else { return nil }
        let numbers: [Double?] =
            if case .sequence(let items) = field {
                items.map { item in
                    if case .scalar(let scalar) = item {
                        Quantity.number(scalar.string)
                    } else {
                        nil
                    }
                }
            } else { [] }
        guard numbers.count == 2, let latitude = numbers[0], let longitude = numbers[1] else {
            // `[59,91, 10,75]` is four numbers to YAML.
            let advice = numbers.count == 4 ? ", each with a decimal point and not a comma" : ""
            mistakes.add(
                "coordinates must be [latitude, longitude] in degrees, such as [59.91, 10.75]\(advice)",
                at: position(of: field)
            )
            return nil
        }
        let place = Topology.Coordinates(latitude: latitude, longitude: longitude)
        if let reason = Validation.refusal(of: place) {
            mistakes.add("coordinates: \(reason)", at: position(of: field))
            return nil
        }
        return place
    }

    /// Endpoints as they are, or completed with the node's `address`: a bare port, or no key at
    /// all.
    private mutating func readEndpoints(of node: inout Topology.Node, from fields: YAMLFields) {
        let host = value("address", in: fields, ListeningPlace.host)
        let bindHost = value("bind-address", in: fields, ListeningPlace.bindHost)
        func pair(_ key: String, _ port: String, scheme: String) -> ListeningPlace.Pair? {
            let place = ListeningPlace(
                key: key,
                defaultPort: port,
                scheme: scheme,
                host: host,
                bindHost: bindHost
            )
            return listeningPair(of: place, in: fields)
        }
        let publishers = pair("publishers", Self.defaultPorts.publishers, scheme: "tcp://")
        let subscribers = pair("subscribers", Self.defaultPorts.subscribers, scheme: "tcp://")
        let control = pair("control", Self.defaultPorts.control, scheme: "")
        node.publishersEndpoint = publishers?.advertise
        node.subscribersEndpoint = subscribers?.advertise
        node.controlEndpoint = control?.advertise
        node.bind = Topology.BindEndpoints(
            publishers: publishers?.bind,
            subscribers: subscribers?.bind,
            control: control?.bind
        )
    }

    private mutating func listeningPair(
        of place: ListeningPlace,
        in fields: YAMLFields
    ) -> ListeningPlace.Pair? {
        guard let field = fields[place.key] else { return place.byDefault }
        guard case .mapping = field else { return value(place.key, in: fields, place.pair) }
        let parts = self.fields(of: field, as: place.key, keys: ["bind", "advertise"])
        switch place.pair(bind: text("bind", in: parts), advertise: text("advertise", in: parts)) {
        case .success(let pair): return pair
        case .failure(let refusal):
            mistakes.add("\(place.key): \(refusal.reason)", at: position(of: field))
            return nil
        }
    }
}
