import Foundation
import Glibc
import Testing

@testable import xylem

/// Fleets that no single `xylem up` has started: by hand, or in parts.
@Suite(.serialized, .timeLimit(.minutes(3))) struct SpreadFleetTests {
    /// A topology of three nodes whose endpoints it names, at ports that stay reserved as long as this lives.
    private final class Site {
        let lab: FleetLab
        let topology: String
        private let ports: PortReservation

        init() throws {
            lab = try FleetLab()
            let ports = PortReservation()
            self.ports = ports
            var nodes: [String] = []
            for name in ["root", "left", "right"] {
                let addresses = try (0..<3).map { _ in "127.0.0.1:\(try ports.next())" }
                nodes.append(
                    "  \(name): {publishers: \"tcp://\(addresses[0])\", subscribers: \"tcp://\(addresses[1])\", "
                        + "control: \"\(addresses[2])\"}"
                )
            }
            let text =
                (["nodes:"] + nodes + ["links: [[root, left, 1ms], [root, right, 1ms]]", ""])
                .joined(separator: "\n")
            topology = try lab.topology(text, named: "site.yaml")
        }

        /// Writes the plan.
        func plan() async throws -> String {
            let path = lab.directory + "/plan.json"
            let command = try RunningCommand([
                "plan", topology, "--format", "json", "--output", path,
            ])
            #expect(try await command.end() == .exited(code: 0))
            return path
        }
    }

    @Test func `nodes started by hand are a fleet, by its plan`() async throws {
        let site = try Site()
        let plan = try await site.plan()
        var nodes: [RunningCommand] = []
        for name in ["root", "left", "right"] {
            let node = try RunningCommand(["node", "--plan", plan, "--name", name])
            nodes.append(node)
            _ = try await node.firstLine("ready line") { String(decoding: $0, as: UTF8.self) }
        }
        try await expectAll(site, ["--plan", plan])

        let subscriber = try RunningCommand([
            "subscribe", "right", "--plan", plan, "--topic-hex", "ff", "--hex", "--count", "1",
        ])
        let publisher = try RunningCommand([
            "publish", "left", "--plan", plan, "--topic-hex", "ff01", "--base64", "AAE=",
        ])
        #expect(try await publisher.end() == .exited(code: 0), "\(publisher.diagnostics)")
        #expect(try await subscriber.end() == .exited(code: 0), "\(subscriber.diagnostics)")
        #expect(subscriber.output == ["ff01 | 0001"])

        nodes[1].send(SIGTERM)
        #expect(try await nodes[1].end() == .exited(code: 0))
        let status = try RunningCommand(["status", "--plan", plan])
        #expect(try await status.end() == .exited(code: 1))
        let rows = status.output.drop { !$0.hasPrefix("NODE ") }
        #expect(rows.dropFirst().first?.hasPrefix("left") == true, "not first")
        #expect(status.output.contains { $0.hasPrefix("root") && $0.contains("up") })
    }

    @Test func `a fleet can run in parts, and one of them be asked for all`() async throws {
        let site = try Site()
        // The same plan, whether it is made here or was made before.
        let parts = [(try await site.plan(), ["root"]), (site.topology, ["left", "right"])].map {
            (file: $0, state: "\(site.lab.directory)/\($1[0])-state.json", nodes: $1)
        }
        var commands: [RunningCommand] = []
        for part in parts {
            let command = try RunningCommand(
                ["up", part.file, "--state", part.state, "--for", "120s", "--only"] + part.nodes
            )
            commands.append(command)
            _ = try await command.firstLine("the end of the start") { data in
                String(decoding: data, as: UTF8.self).contains(
                    "\(part.nodes.count) of \(Figures.plural(part.nodes.count, "node"))"
                ) ? true : nil
            }
        }
        try await expectAll(site, ["--state", parts[1].state])
        for command in commands {
            command.send(SIGTERM)
            #expect(try await command.end() == .exited(code: 0), "\(command.diagnostics)")
            #expect(command.diagnostics.hasSuffix("stopping\nstopped"))
        }
    }

    @Test func `subscribers are counted over all relays of a fleet`() async throws {
        let lab = try FleetLab()
        let (fleet, state) = try await lab.fleet(FleetLab.quickstart)
        let file = lab.stateFile.path
        let places = ["leaf-2", "leaf-3", "leaf-3"]
        let subscribers = try places.map {
            try RunningCommand(["subscribe", $0, "--state", file, "--topic", "t", "--count", "1"])
        }
        let publisher = try RunningCommand([
            "publish", "leaf-1", "--state", file, "--wait-for", "3", "to all",
        ])
        // The topic is not "to all", but the message begins with it.
        #expect(try await publisher.end() == .exited(code: 0), "\(publisher.diagnostics)")
        for subscriber in subscribers {
            #expect(try await subscriber.end() == .exited(code: 0))
            #expect(subscriber.output == ["to all"])
        }

        let blind = try RunningCommand([
            "publish", try state.node(named: "leaf-1").publishers, "--wait-for", "3", "x",
        ])
        #expect(try await blind.end() == .exited(code: 2))
        #expect(blind.diagnostics.contains("(node 'leaf-1')"))
        fleet.send(SIGTERM)
        #expect(try await fleet.end() == .exited(code: 0))
    }

    /// All nodes of the site answer, and have their parents.
    private func expectAll(_ site: Site, _ options: [String]) async throws {
        for _ in 0..<100 {
            let status = try RunningCommand(["status", "--format", "json"] + options)
            let end = try await status.end()
            let text = status.output.joined(separator: "\n")
            if end == .exited(code: 0),
                let report = try? JSONDecoder().decode(FleetReport.self, from: Data(text.utf8)),
                report.summary.connected == 3
            {
                #expect(report.nodes.map(\.id) == ["root", "left", "right"])
                return
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        Issue.record("not every node is up")
    }
}
