import Foundation
import Testing

@testable import xylem

@Suite struct FleetStateTests {
    @Test func `a node is found by id, and by a label that is its own`() throws {
        let fleet = Self.fleet([("1", "Oslo"), ("2", "Bergen"), ("3", "Bergen"), ("Oslo", "x")])
        #expect(try fleet.node(named: "Oslo").label == "x")
        #expect(try fleet.node(named: "2").label == "Bergen")
        #expect(
            throws: CommandError.badInput("2 nodes are called 'Bergen'; use one of the ids 2, 3")
        ) {
            try fleet.node(named: "Bergen")
        }
        #expect(throws: CommandError.self) { try fleet.node(named: "Paris") }
    }

    @Test func `leaves feed nobody, and starting order is by rank`() {
        var fleet = Self.fleet([("a", "a"), ("b", "b"), ("c", "c"), ("d", "d")])
        let tree = FleetState.Tree(
            name: "t",
            topics: [""],
            root: "c",
            seats: [
                .init(node: "c", parent: nil, rank: 0, level: 0),
                .init(node: "a", parent: "c", rank: 1, level: 1),
                .init(node: "b", parent: "a", rank: 2, level: 2),
            ]
        )
        fleet.trees = [tree]
        #expect(fleet.leaves(of: tree) == ["b"])
        #expect(fleet.startingOrder == ["c", "a", "b", "d"])
    }

    @Test func `files of one name in two folders have states of their own`() {
        let paths = ["/tmp/a/net.yaml", "/tmp/b/net.yaml", "/tmp/a/../a/net.yaml"].map {
            FleetStateFile(topologyFile: $0, directory: "/run").path
        }
        #expect(paths[0] != paths[1])
        #expect(paths[0] == paths[2])
        #expect(paths[0].hasPrefix("/run/net-"))
    }

    @Test func `a state is read as it was written`() throws {
        let file = FleetStateFile(path: NSTemporaryDirectory() + "xylem-\(UUID().uuidString).json")
        defer { file.remove() }
        #expect(try file.read() == nil)
        let fleet = Self.fleet([("a", "b")])
        try file.write(fleet)
        #expect(try file.read() == fleet)
        #expect(!file.isSupervised)
        do {
            let lock = try FleetLock(path: file.lockPath)
            #expect(lock != nil)
            #expect(try FleetLock(path: file.lockPath) == nil)
            #expect(file.isSupervised)
            withExtendedLifetime(lock) {}
        }
        #expect(!file.isSupervised)
        #expect(!FileManager.default.fileExists(atPath: file.lockPath))
        try "junk".write(toFile: file.path, atomically: true, encoding: .utf8)
        #expect(throws: CommandError.self) { try file.read() }
    }

    private static func fleet(_ nodes: [(String, String)]) -> FleetState {
        FleetState(
            name: "test",
            topologyFile: "test.yaml",
            planFile: "test.plan",
            supervisorPID: 1,
            startedAt: 0,
            nodes: nodes.map {
                FleetState.Node(
                    id: $0.0,
                    label: $0.1,
                    publishers: "tcp://127.0.0.1:1",
                    subscribers: "tcp://127.0.0.1:2",
                    control: "127.0.0.1:3"
                )
            },
            trees: []
        )
    }
}
