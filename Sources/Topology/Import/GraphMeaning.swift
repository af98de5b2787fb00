/// Makes a topology of a graph: finds which attributes are the names, places and delays, and says
/// in its notes which it took.
struct GraphMeaning {
    private let graph: ImportedGraph
    private let options: ImportOptions
    private var mistakes: Mistakes
    /// What was taken, in the words of the note.
    private var taken: [String] = []
    /// The columns that were, whose values are no further attributes.
    private var takenOfNodes: Set<Int> = []
    private var takenOfEdges: Set<Int> = []
    private var notes: [String]

    static func topology(
        of graph: ImportedGraph,
        options: ImportOptions
    ) throws(TopologyError) -> Topology {
        var meaning = GraphMeaning(graph, options: options)
        return try meaning.topology()
    }

    private init(_ graph: ImportedGraph, options: ImportOptions) {
        self.graph = graph
        self.options = options
        mistakes = graph.mistakes
        notes = graph.notes
    }

    private mutating func topology() throws(TopologyError) -> Topology {
        let groups = Groups(graph)
        var sites = try sites(groups)
        if graph.hasImpliedNodes { addImpliedNodes(to: &sites) }
        var indexOf: [String: Int] = [:]
        indexOf.reserveCapacity(sites.count)
        for (index, site) in sites.enumerated() { indexOf[site.node.id] = index }
        let hasPlaces = sites.contains(where: \.isLocated)
        let edges = try edges(indexOf, hasPlaces: hasPlaces)
        try mistakes.check()
        if sites.isEmpty {
            throw TopologyError(file: graph.file, message: "there are no nodes in this graph")
        }
        var topology = try Contraction(sites: sites, edges: edges).topology(file: graph.file)
        if graph.hasImpliedNodes {
            var validation = Validation(of: topology, file: graph.file)
            validation.checkConnection()
            try validation.mistakes.check()
        } else {
            topology = LargestPart.of(topology)
        }
        topology.name = TopologyFormat.stem(of: graph.file)
        topology.trees = [Topology.Tree(name: topology.name)]
        if options.keepsAttributes {
            let kept = KeptAttributes(
                of: graph,
                in: topology,
                takenOfNodes: takenOfNodes,
                takenOfEdges: takenOfEdges
            )
            topology.attributes = kept.attributes
            notes += kept.notes
        }
        try OwnSettings.apply(graph, to: &topology)
        if !taken.isEmpty {
            notes.insert("taken from the file: " + taken.joined(separator: "; "), at: 0)
        }
        topology.notes = notes + groups.notes + topology.notes
        return topology
    }

    // MARK: Nodes

    private mutating func sites(_ groups: Groups) throws(TopologyError) -> [Contraction.Site] {
        let isUsed = Self.usedColumns(graph.nodes.lazy.map(\.values), of: graph.nodeAttributes)
        let label = try nodeColumn(told: options.labelKey, as: .label, isUsed, what: "--label-key")
        var columns = PlaceColumns()
        columns.latitude = try nodeColumn(
            told: options.latitudeKey,
            as: .latitude,
            isUsed,
            what: "--latitude-key"
        )
        columns.longitude = try nodeColumn(
            told: options.longitudeKey,
            as: .longitude,
            isUsed,
            what: "--longitude-key"
        )
        if columns.latitude == nil, columns.longitude == nil, options.latitudeKey == nil,
            options.longitudeKey == nil
        {
            columns.pair = nodeColumn(as: .coordinates, isUsed)
        }
        let region = nodeColumn(as: .region, isUsed)

        // A label that was drawn names what has no other.
        let drawn = options.labelKey == nil ? graph.nodeAttributes.column(told: "NodeLabel") : nil
        if let label { taken.append("names from \(name(label))") }
        if let latitude = columns.latitude, let longitude = columns.longitude {
            taken.append("coordinates from \(name(latitude)) and \(name(longitude))")
        } else if let pair = columns.pair {
            taken.append("coordinates from \(name(pair))")
        }
        if let region { taken.append("regions from \(name(region))") }
        let weight = weightColumn(isUsed)
        if let weight { taken.append("weights from \(name(weight))") }
        takenOfNodes = Set(
            [label, drawn, columns.latitude, columns.longitude, columns.pair, region, weight]
                .compactMap(\.self)
        )

        var sites: [Contraction.Site] = []
        sites.reserveCapacity(graph.nodes.count)
        for index in graph.nodes.indices where groups.isSite[index] && !mistakes.isFull {
            let source = graph.nodes[index]
            var node = Topology.Node(
                id: source.id,
                label: label.flatMap { source.values[$0] } ?? drawn.flatMap { source.values[$0] },
                position: source.position
            )
            node.region = region.flatMap { source.values[$0] } ?? groups.region(of: index)
            node.coordinates = coordinates(of: source, columns)
            if let weight {
                node.weight = source.values[weight].flatMap { ForeignQuantity.number($0) } ?? 0
            }
            sites.append(Contraction.Site(node: node))
        }
        return sites
    }

    /// The column of weights, if all of it can be weights; a node without one has none of what is weighed.
    private mutating func weightColumn(_ isUsed: [Bool]) -> Int? {
        guard let column = nodeColumn(as: .weight, isUsed) else { return nil }
        let areWeights = graph.nodes.allSatisfy { node in
            guard let text = node.values[column] else { return true }
            return ForeignQuantity.number(text).map { (0...1e12).contains($0) } ?? false
        }
        if areWeights { return column }
        notes.append("\(name(column)) of nodes is not read: it holds what is no weight")
        return nil
    }

    private struct PlaceColumns {
        var latitude: Int?
        var longitude: Int?
        /// Both in one value.
        var pair: Int?
    }

    private mutating func coordinates(
        of node: ImportedGraph.Node,
        _ columns: PlaceColumns
    ) -> Topology.Coordinates? {
        let place: Topology.Coordinates
        if let pair = columns.pair {
            guard let text = node.values[pair] else { return nil }
            guard let found = PlaceText.coordinates(text) else {
                mistakes.add(
                    "\(name(pair)) of node \(quoted(node.id)) must be a latitude and a longitude, "
                        + "in degrees",
                    at: node.position
                )
                return nil
            }
            place = found
        } else {
            guard let latitude = columns.latitude, let longitude = columns.longitude,
                let latitudeText = node.values[latitude],
                let longitudeText = node.values[longitude]
            else { return nil }
            guard let x = ForeignQuantity.number(latitudeText),
                let y = ForeignQuantity.number(longitudeText)
            else {
                let names = "\(columnName(latitude)) and \(columnName(longitude))"
                mistakes.add(
                    "\(names) of node \(quoted(node.id)) must be numbers, in degrees",
                    at: node.position
                )
                return nil
            }
            place = Topology.Coordinates(latitude: x, longitude: y)
        }
        if let reason = Validation.refusal(of: place) {
            mistakes.add("node \(quoted(node.id)): \(reason)", at: node.position)
        }
        return place
    }

    private func addImpliedNodes(to sites: inout [Contraction.Site]) {
        var known = Set(sites.map(\.node.id))
        for edge in graph.edges {
            // A self loop says nothing, not even that its node is part of the network.
            for id in [edge.source, edge.target]
            where edge.source != edge.target && known.insert(id).inserted {
                sites.append(
                    Contraction.Site(node: Topology.Node(id: id, position: edge.position))
                )
            }
        }
    }

    // MARK: Edges

    private mutating func edges(
        _ indexOf: [String: Int],
        hasPlaces: Bool
    ) throws(TopologyError) -> [Contraction.Edge] {
        var choice = EdgeColumns(graph, options: options)
        try choice.choose(hasPlaces: hasPlaces)
        taken += choice.taken
        takenOfEdges = choice.takenColumns
        notes += choice.notes
        var edges: [Contraction.Edge] = []
        edges.reserveCapacity(graph.edges.count)
        for edge in graph.edges where !mistakes.isFull {
            guard let a = end(edge.source, of: edge, indexOf),
                let b = end(edge.target, of: edge, indexOf)
            else { continue }
            edges.append(
                Contraction.Edge(
                    a: a,
                    b: b,
                    delay: delay(of: edge, choice),
                    bandwidth: choice.bandwidth(of: edge),
                    cost: choice.cost(of: edge),
                    position: edge.position
                )
            )
        }
        return edges
    }

    private mutating func end(
        _ id: String,
        of edge: ImportedGraph.Edge,
        _ indexOf: [String: Int]
    ) -> Int? {
        if let index = indexOf[id] { return index }
        if graph.hasImpliedNodes { return indexOf.isEmpty ? nil : 0 }
        mistakes.add(
            "this edge ends at the unknown node \(quoted(id)); add the node or remove the edge",
            at: edge.position
        )
        return nil
    }

    private mutating func delay(of edge: ImportedGraph.Edge, _ columns: EdgeColumns) -> Double? {
        switch columns.delay(of: edge) {
        case nil: return nil
        case .success(let value): return value
        case .failure(let refusal):
            mistakes.add(refusal.reason, at: edge.position)
            return nil
        }
    }

    // MARK: Columns

    private func nodeColumn(
        told: String?,
        as role: KeyName.NodeRole,
        _ isUsed: [Bool],
        what: String
    ) throws(TopologyError) -> Int? {
        guard let told else { return nodeColumn(as: role, isUsed) }
        if told == ImportOptions.nothing { return nil }
        if let index = graph.nodeAttributes.column(told: told) { return index }
        throw graph.unknownKey(told, among: graph.nodeAttributes, of: "node", option: what)
    }

    private func nodeColumn(as role: KeyName.NodeRole, _ isUsed: [Bool]) -> Int? {
        graph.nodeAttributes.ranked { $0.rank(as: role) }.first { isUsed[$0] }
    }

    private func columnName(_ column: Int) -> String { graph.nodeAttributes.columns[column].name }

    private func name(_ column: Int) -> String { quoted(columnName(column)) }

    /// Which columns have a value anywhere.
    static func usedColumns(
        _ values: some Sequence<AttributeValues>,
        of table: AttributeTable
    ) -> [Bool] {
        var isUsed = Array(repeating: false, count: table.columns.count)
        for values in values {
            for column in values.columns { isUsed[column] = true }
        }
        return isUsed
    }
}

extension ImportedGraph {
    /// The refusal of a key that the user told and the file has not.
    func unknownKey(
        _ key: String,
        among table: AttributeTable,
        of kind: String,
        option: String
    ) -> TopologyError {
        let names = table.columns.prefix(12).map { quoted($0.name) }.joined(separator: ", ")
        let known =
            table.columns.isEmpty
            ? "\(kind)s have no attributes here"
            : "\(kind)s have \(names)" + (table.columns.count > 12 ? " and more" : "")
        return TopologyError(
            file: file,
            message: "\(option): no \(kind) of this file has the key \(quoted(key)); \(known)"
        )
    }
}
