import Vocabulary
import Topology

@testable import TreeBuilder

/// Topologies made for tests; the random ones depend on their seed alone.
enum SampleTopologies {
    /// Seven sites; degrees 1 to 4.
    static var quickstart: Topology {
        let names = ["oslo", "london", "paris", "berlin", "madrid", "rome", "athens"]
        let links: [(Int, Int, Double)] = [
            (0, 1, 6), (1, 2, 1.7), (0, 3, 4.2), (2, 3, 4.4), (2, 4, 5.3), (2, 5, 5.5),
            (5, 6, 5.2), (3, 5, 6),
        ]
        var nodes = names.map {
            Topology.Node(id: $0, label: $0.prefix(1).uppercased() + $0.dropFirst())
        }
        nodes[0].publishersEndpoint = "tcp://10.0.0.1:6001"
        nodes[0].subscribersEndpoint = "tcp://10.0.0.1:6002"
        nodes[0].controlEndpoint = "10.0.0.1:6003"
        nodes[6].overflow = .block
        nodes[6].stall = .never
        nodes[6].region = "south"
        return Topology(
            name: "quickstart",
            nodes: nodes,
            links: links.map { .init(a: $0.0, b: $0.1, delayMilliseconds: $0.2) },
            trees: [.init(name: "all", fanOut: 2, mode: .link)]
        )
    }

    /// A connected graph: a random tree plus chords, delays in tenths of a millisecond, some zero.
    static func random(nodeCount: Int, chordCount: Int, seed: UInt64) -> Topology {
        var random = SeededGenerator(seed: seed)
        var topology = Topology(name: "random \(seed)")
        for node in 0..<nodeCount {
            topology.nodes.append(.init(id: "n\(node)", weight: Double(1 + random.next(below: 5))))
            guard node > 0 else { continue }
            topology.links.append(
                .init(
                    a: random.next(below: node),
                    b: node,
                    delayMilliseconds: Double(random.next(below: 100)) / 10
                )
            )
        }
        for _ in 0..<chordCount {
            topology.links.append(
                .init(
                    a: random.next(below: nodeCount),
                    b: random.next(below: nodeCount),
                    delayMilliseconds: Double(random.next(below: 100)) / 10
                )
            )
        }
        return topology
    }

    static func star(leafCount: Int) -> Topology {
        make("star", count: leafCount + 1, links: (1...leafCount).map { (0, $0, 1) })
    }

    static func path(count: Int) -> Topology {
        make("path", count: count, links: (1..<count).map { ($0 - 1, $0, 1) })
    }

    static func grid(side: Int) -> Topology {
        var links: [(Int, Int, Double)] = []
        for row in 0..<side {
            for column in 0..<side {
                let node = row * side + column
                if column + 1 < side { links.append((node, node + 1, 1)) }
                if row + 1 < side { links.append((node, node + side, 1)) }
            }
        }
        return make("grid", count: side * side, links: links)
    }

    static func make(_ name: String, count: Int, links: [(Int, Int, Double)]) -> Topology {
        Topology(
            name: name,
            nodes: (0..<count).map { .init(id: "n\($0)") },
            links: links.map { .init(a: $0.0, b: $0.1, delayMilliseconds: $0.2) }
        )
    }
}

extension SampleTopologies {
    /// A backbone as operators' maps show them: places in a country of 1,200 × 500 km, most of them strung along fibres from place to place, and
    /// some rings closed. 200 km of fibre are a millisecond.
    static func backbone(nodeCount: Int, ringCount: Int, seed: UInt64) -> Topology {
        var random = SeededGenerator(seed: seed)
        var topology = Topology(name: "backbone \(seed)")
        var places: [(x: Double, y: Double)] = []
        func delay(_ a: Int, _ b: Int) -> Double {
            let (x, y) = (places[a].x - places[b].x, places[a].y - places[b].y)
            return (x * x + y * y).squareRoot() / 200
        }
        for node in 0..<nodeCount {
            topology.nodes.append(.init(id: "n\(node)"))
            places.append((Double(random.next(below: 1200)), Double(random.next(below: 500))))
        }
        // The fibres: each next place is the one nearest to those already joined.
        var outside = Set(1..<nodeCount)
        var joined = [0]
        while !outside.isEmpty {
            var link = (a: -1, b: -1, delay: Double.infinity)
            for b in outside.sorted() {
                for a in joined where delay(a, b) < link.delay { link = (a, b, delay(a, b)) }
            }
            topology.links.append(.init(a: link.a, b: link.b, delayMilliseconds: link.delay))
            outside.remove(link.b)
            joined.append(link.b)
        }
        // The rings: of a few pairs drawn by lot, the nearest one.
        for _ in 0..<ringCount {
            var link = (a: -1, b: -1, delay: Double.infinity)
            for _ in 0..<30 {
                let a = random.next(below: nodeCount)
                let b = random.next(below: nodeCount)
                if a != b, delay(a, b) < link.delay { link = (a, b, delay(a, b)) }
            }
            topology.links.append(.init(a: link.a, b: link.b, delayMilliseconds: link.delay))
        }
        return topology
    }
}
