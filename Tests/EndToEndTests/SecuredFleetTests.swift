import Foundation
import Glibc
import SocketTestSupport
import Testing

@testable import xylem

/// A fleet whose topology file asks for keys, by the built command.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SecuredFleetTests {
    private static func run(_ arguments: [String]) async throws -> RunningCommand {
        let command = try RunningCommand(arguments)
        _ = try await command.end()
        return command
    }

    @Test func `all: the fleet makes its keys, and clients come with theirs`() async throws {
        let lab = try FleetLab()
        let topology = try lab.topology(
            """
            security: all
            nodes: [oslo, rome, cairo]
            links: [oslo/rome, rome/cairo]
            trees: {main: {root: oslo, mode: link}}
            """,
            named: "secured.yaml"
        )
        let refused = try await Self.run(["up", topology, "--state", lab.stateFile.path])
        #expect(refused.diagnostics.contains("give --keys FOLDER"))

        let keys = lab.directory + "/keys"
        let fleet = try lab.up(topology, "--keys", keys, "--for", "120s")
        try await eventually("a fleet of three", .seconds(60)) {
            (try? lab.stateFile.read())??.processes.count == 3
        }
        _ = try await Self.run(["keygen", "--name", "ann", "-o", keys + "/ann"])
        func client(_ verb: String, _ node: String, _ rest: String...) throws -> RunningCommand {
            try RunningCommand(
                [
                    verb, node, "--state", lab.stateFile.path, "--server-key", "\(keys)/\(node)",
                    "--certificate", keys + "/ann_secret",
                ] + rest
            )
        }
        let subscriber = try client("subscribe", "cairo", "--topic", "t", "--count", "2")
        let publisher = try client("publish", "oslo", "t1", "t2")
        #expect(try await publisher.end() == .exited(code: 0), "\(publisher.diagnostics)")
        #expect(try await subscriber.end() == .exited(code: 0), "\(subscriber.diagnostics)")
        #expect(subscriber.output == ["t1", "t2"])

        let status = try await Self.run(["status", "--state", lab.stateFile.path])
        #expect(try await status.end() == .exited(code: 0), "\(status.output)")
        fleet.send(SIGTERM)
        #expect(try await fleet.end() == .exited(code: 0), "\(fleet.diagnostics)")
    }
}
