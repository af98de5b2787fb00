import Foundation
import Testing

@testable import xylem

/// Which node a name means, of several fleets.
@Suite struct FleetChoiceTests {
    private static let choice = FleetChoice(
        candidates: [("north", ["oslo", "hub"]), ("south", ["rome", "hub"])].map { name, nodes in
            FleetChoice.Candidate(
                option: "--state /run/\(name).json",
                state: FleetState(
                    name: name,
                    topologyFile: "",
                    planFile: "",
                    supervisorPID: 1,
                    startedAt: 0,
                    nodes: nodes.map {
                        FleetState.Node(
                            id: $0,
                            label: $0.capitalized,
                            publishers: "tcp://127.0.0.1:1",
                            subscribers: "tcp://127.0.0.1:2",
                            control: "127.0.0.1:3"
                        )
                    },
                    trees: []
                )
            )
        }
    )

    @Test(arguments: [("oslo", "north"), ("rome", "south"), ("Rome", "south")])
    func `a name that one fleet has needs no state file`(name: String, fleet: String) throws {
        #expect(try Self.choice.node(named: name).fleet.name == fleet)
    }

    @Test func `a name that several have is refused with what to say`() {
        let error = #expect(throws: CommandError.self) { try Self.choice.node(named: "hub") }
        #expect(error?.message.hasPrefix("2 running fleets have a node 'hub'") == true)
        #expect(error?.message.contains("--state /run/south.json   for 'south'") == true)
    }

    @Test func `a name that none has is refused with those there are`() {
        let error = #expect(throws: CommandError.self) { try Self.choice.node(named: "bonn") }
        #expect(error?.message.contains("'south': rome, hub") == true)
        let none = #expect(throws: CommandError.self) {
            try FleetChoice(candidates: []).node(named: "bonn")
        }
        #expect(none?.code == .failure)
    }
}
