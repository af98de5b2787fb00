import Foundation
import Testing

@testable import xylem

/// Files of other tools on the command line.
@Suite struct ImportCommandTests {
    private struct Network: Decodable {
        struct Node: Decodable {
            var label: String
        }
        struct Link: Decodable {
            var delayMs: Double
        }
        var nodes: [Node]
        var links: [Link]
        var notes: [String]
    }

    private static let graph = """
        <graphml><key id="d1" for="edge" attr.name="metric"/><key id="d2" for="edge" attr.name="delay"/>
        <key id="n1" for="node" attr.name="label"/><key id="n2" for="node" attr.name="host"/>
        <key id="n3" for="node" attr.name="north"/><key id="n4" for="node" attr.name="east"/><graph>
        <node id="a"><data key="n1">A</data><data key="n2">x</data><data key="n3">1</data><data key="n4">2</data></node>
        <node id="b"><data key="n1">B</data><data key="n2">y</data><data key="n3">3</data><data key="n4">4</data></node>
        <edge source="a" target="b"><data key="d1">200</data><data key="d2">3</data></edge></graph></graphml>
        """

    private func withFile(
        _ name: String,
        _ text: String,
        _ body: (String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "xylem-import-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        try await body(file.path)
    }

    private func network(of command: Command) async throws -> Network {
        #expect(await command.end() == 0, "\(command.diagnostics)")
        return try JSONDecoder().decode(Network.self, from: Data(command.output.utf8))
    }

    @Test func whatWasTakenIsTold() async throws {
        try await withFile("x.graphml", Self.graph) { file in
            let command = try Command("plan", file, "--format", "network")
            let network = try await network(of: command)
            #expect(network.links.map(\.delayMs) == [3])
            #expect(network.nodes.map(\.label) == ["A", "B"])
            let note = "taken from the file: names from \"label\"; delays from \"delay\", in ms"
            #expect(network.notes == [note])
            #expect(command.diagnostics == "xylem: \(file): \(note)\n")
        }
    }

    @Test func keysAreTold() async throws {
        try await withFile("x.graphml", Self.graph) { file in
            let command = try Command(
                "plan",
                file,
                "--format",
                "network",
                "--delay-key",
                "metric",
                "--delay-unit",
                "km",
                "--label-key",
                "host",
                "--latitude-key",
                "north",
                "--longitude-key",
                "east"
            )
            let network = try await network(of: command)
            #expect(network.links.map(\.delayMs) == [1])
            #expect(network.nodes.map(\.label) == ["x", "y"])
            #expect(
                network.notes == [
                    "taken from the file: names from \"host\"; coordinates from \"north\" and \"east\"; "
                        + "delays from \"metric\", in km of fibre"
                ]
            )
        }
    }

    @Test func notesAreInThePlan() async throws {
        try await withFile("x.csv", "from,to,rtt\na,b,4\n") { file in
            let command = try Command("plan", file, "--format", "json")
            #expect(await command.end() == 0)
            let plan = try JSONSerialization.jsonObject(with: Data(command.output.utf8))
            #expect(
                (plan as? [String: Any])?["notes"] as? [String] == [
                    "taken from the file: delays from \"rtt\", there and back, in ms, halved"
                ]
            )
        }
    }

    @Test func aKnownFormatThatIsNotReadIsNamed() async throws {
        try await withFile("x.txt", "leda.graph\nstring\n") { file in
            let command = try Command("plan", file)
            #expect(await command.end() == 2)
            #expect(command.diagnostics.contains("this looks like LEDA"))
            #expect(command.diagnostics.split(separator: "\n").count == 1)
        }
    }

    @Test func theMapIsDrawnWhereNodesHavePlaces() async throws {
        try await withFile("x.graphml", Self.graph) { file in
            let places = ["--latitude-key", "north", "--longitude-key", "east"]
            let map = try Command(
                "plan",
                file,
                "--format",
                "svg",
                places[0],
                places[1],
                places[2],
                places[3]
            )
            #expect(await map.end() == 0)
            #expect(map.output.contains("link not used"))
            let refused = try Command("plan", file, "--format", "svg", "--layout", "map")
            #expect(await refused.end() == 2)
            #expect(refused.diagnostics.contains("no map can be drawn"))
            let tree = try Command("plan", file, "--layout", "tree")
            #expect(await tree.end() != 0)
            #expect(tree.diagnostics.contains("--layout is for --format svg"))
        }
    }
}
