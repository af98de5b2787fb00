import Testing

@testable import Topology

@Suite struct ModelTests {
    // MARK: Children

    @Test func childLimitIsTheLeastOfThree() {
        var tree = Topology.Tree(name: "t")
        var node = Topology.Node(id: "n")
        #expect(tree.childLimit(at: node) == nil)
        tree.fanOut = 8
        #expect(tree.childLimit(at: node) == 8)
        node.maxChildren = 5
        #expect(tree.childLimit(at: node) == 5)
        node.uplinkBitsPerSecond = 100e6
        #expect(tree.childLimit(at: node) == 5)
        tree.rateBitsPerSecond = 30e6
        #expect(tree.childLimit(at: node) == 3)
        tree.rateBitsPerSecond = 200e6
        #expect(tree.childLimit(at: node) == 0)
        tree.rateBitsPerSecond = .leastNonzeroMagnitude
        #expect(tree.childLimit(at: node) == 5)
    }

    // MARK: Distance

    @Test func greatCircle() {
        let origin = Topology.Coordinates(latitude: 0, longitude: 0)
        let quarter = Double.pi / 2 * 6371 / 200
        #expect(
            abs(origin.delayMilliseconds(to: .init(latitude: 0, longitude: 90)) - quarter) < 1e-9
        )
        #expect(
            abs(origin.delayMilliseconds(to: .init(latitude: 90, longitude: 17)) - quarter) < 1e-9
        )
        #expect(
            abs(origin.delayMilliseconds(to: .init(latitude: 0, longitude: 180)) - 2 * quarter)
                < 1e-9
        )
        #expect(origin.delayMilliseconds(to: origin) == 0)
        // Across the date line: 2° of the equator, not 358°.
        let east = Topology.Coordinates(latitude: 0, longitude: 179)
        let west = Topology.Coordinates(latitude: 0, longitude: -179)
        #expect(abs(east.delayMilliseconds(to: west) - quarter / 45) < 1e-9)
    }

    // MARK: Validation of what no file says

    @Test func madeByHandAndWrong() {
        var topology = Topology(
            name: "hand",
            nodes: [.init(id: "a"), .init(id: "b"), .init(id: "")],
            links: [
                .init(a: 0, b: 7, delayMilliseconds: 1), .init(a: 0, b: 1, delayMilliseconds: .nan),
            ],
            segments: [.init(name: "s", group: "239.0.0.1:1", members: [0, 9])],
            trees: [
                .init(name: "", root: 9, topics: ["\n"], fanOut: 0, hopDelayMilliseconds: .infinity)
            ]
        )
        topology.nodes[0].weight = .nan
        topology.nodes[1].maxChildren = -1
        topology.nodes[1].coordinates = .init(latitude: .nan, longitude: 0)
        topology.trees[0].fixedParents = [
            .init(child: 0, parent: 9), .init(child: 1, parent: 0), .init(child: 1, parent: 2),
        ]
        let messages = Self.messages(of: topology)
        #expect(
            messages == [
                "the weight of node \"a\" is nan; it must be between 0 and 1e12",
                "max-children of node \"b\" is -1; it must be 0 (always a leaf) or more",
                "the coordinates of node \"b\": [nan, 0.0] is not on Earth; latitude is -90…90, longitude -180…180",
                "the node id \"\" is empty; give it a name",
                "a link has an end that is no node",
                "the delay of the link \"a\" – \"b\" is nan ms; it must be between 0 and a minute",
                "a member of segment \"s\" is no node",
                "the tree name \"\" is empty; give it a name",
                "the root of tree \"\" is no node",
                "fan-out of tree \"\" is 0; it must be at least 1",
                "hop-delay of tree \"\" is inf ms; it must be between 0 and a minute",
                "a fixed parent of tree \"\" is no node",
                "\"b\" has two fixed parents, \"a\" and \"\"; keep one",
            ]
        )
    }

    private static func messages(of topology: Topology) -> [String] {
        do throws(TopologyError) {
            try topology.validate(file: "hand")
            return []
        } catch {
            return [error.message] + error.others.map(\.message)
        }
    }

    // MARK: Spelling

    @Test(arguments: [
        ("nmae", "name"), ("maxChildren", "max-children"), ("OSLO", "oslo"), ("tromsö", "tromso"),
        ("zz", nil),
        ("x", nil), ("", nil), (String(repeating: "name", count: 1000), nil),
    ])
    func nearestWord(word: String, expected: String?) {
        #expect(
            Spelling.nearest(to: word, among: ["name", "max-children", "oslo", "tromso", "a"])
                == expected
        )
    }

    // MARK: Units

    @Test(arguments: [
        ("5ms", 5), ("200us", 0.2), ("200µs", 0.2), ("200μs", 0.2), ("1s", 1000), ("300ns", 3e-4),
        ("0", 0),
        ("0.2 ms", 0.2), ("+1ms", 1), (".5ms", 0.5),
    ])
    func delays(text: String, milliseconds: Double) throws {
        #expect(abs(try Quantity.milliseconds(text).get() - milliseconds) < 1e-12)
    }

    @Test(arguments: [
        ("10Gbps", 10e9), ("2.5 Gbit/s", 2.5e9), ("64kbps", 64e3), ("1000bps", 1000),
        ("1tbps", 1e12),
    ])
    func bandwidths(text: String, bitsPerSecond: Double) throws {
        #expect(try Quantity.bitsPerSecond(text).get() == bitsPerSecond)
    }

    // MARK: Connected parts

    @Test func partsAreNumberedInTheOrderOfNodes() {
        let parts = Components(nodeCount: 7, edges: [(5, 1), (6, 5), (2, 3), (4, 2)])
        #expect(parts.label == [0, 1, 2, 2, 2, 1, 1])
        #expect(parts.sizes == [1, 3, 3])
        #expect(parts.largest == 1)
    }
}
