import Foundation
import Glibc
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

@testable import xylem

/// `xylem node` and `xylem status`, and what every command makes of bad input.
@Suite(.serialized, .timeLimit(.minutes(2))) struct CommandTests {
    @Test func `a lone relay is a proxy`() async throws {
        let command = try RunningCommand([
            "node", "--publishers", "tcp://127.0.0.1:*", "--subscribers", "tcp://127.0.0.1:*",
            "--control", "127.0.0.1:0", "--format", "json",
        ])
        let ready = try await command.firstLine("ready line") { data in
            try? JSONDecoder().decode(NodeReady.self, from: data)
        }
        #expect(ready.pid == command.pid)
        let publisher = Publisher()
        try await publisher.connect(ready.publishers)
        let subscriber = Subscriber()
        try await subscriber.connect(ready.subscribers)
        try await subscriber.subscribe(to: "weather.")
        let received = try await within("a message") {
            while true {
                publisher.send(["news.oslo", "snow"])
                publisher.send(["weather.oslo", "-4"])
                try await Task.sleep(for: .milliseconds(10))
                if let message = subscriber.tryReceive() { return message }
            }
        }
        #expect(received.frames.map(\.text) == ["weather.oslo", "-4"])

        let control = try #require(ready.control)
        let status = try RunningCommand(["status", "--control", control, "--format", "json"])
        #expect(try await status.end() == .exited(code: 0))
        let report = try JSONDecoder().decode(
            FleetReport.self,
            from: Data(status.output.joined(separator: "\n").utf8)
        )
        #expect(report.summary.publishers == 1)
        #expect(report.summary.subscribers == 1)
        #expect(report.nodes.first?.status?.pid == command.pid)

        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    @Test func `status shows every node, and that one is down`() async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(FleetLab.quickstart)
        let status = try RunningCommand([
            "status", "--state", lab.stateFile.path, "--format", "json",
        ])
        #expect(try await status.end() == .exited(code: 0))
        let report = try JSONDecoder().decode(
            FleetReport.self,
            from: Data(status.output.joined(separator: "\n").utf8)
        )
        #expect(report.nodes.map(\.id) == state.nodes.map(\.id))
        #expect(report.summary.nodes == 7)
        #expect(report.summary.reachable == 7)
        #expect(report.nodes.compactMap(\.status).map(\.pid) == state.processes)

        // A stopped process answers nobody, and is not restarted.
        let victim = pid_t(try state.process(of: "leaf-3"))
        kill(victim, SIGSTOP)
        let table = try RunningCommand(["status", "--state", lab.stateFile.path])
        #expect(try await table.end() == .exited(code: 1))
        #expect(table.output.contains { $0.hasPrefix("leaf-3") && $0.contains("down") })
        #expect(table.output.contains { $0.hasPrefix("6 of 7 nodes up") })
        kill(victim, SIGCONT)
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    @Test func `bad input is refused before anything starts`() async throws {
        let lab = try FleetLab()
        let bad = try lab.topology("nodes: [a, b]\nlinks:\n  - [a, c, 1ms]\n")
        let badJSON = try lab.topology(
            #"{"nodes": ["a"], "links": [["a", "c"]]}"#,
            named: "bad.json"
        )
        let badPlan = try lab.topology(#"{"name": "x", "trees": [{}]}"#, named: "plan.json")
        let cases: [(arguments: [String], reason: String)] = [
            (["up", bad], "bad.yaml:3:9"),
            (["up", badJSON], "bad.json:1:"),
            (["up", badPlan], "plan.json: not a plan"),
            (["status", "--plan", badPlan], "plan.json: not a plan"),
            (["up", FleetLab.quickstart, "--fan-out", "1"], "smallest feasible fan-out is 2"),
            (["up", "no-such-file.yaml"], "no-such-file.yaml"),
            (["up", FleetLab.quickstartPlan, "--fan-out", "3"], "leave the planning options out"),
            (["up", FleetLab.quickstart, "--overflow", "sometimes"], "drop-newest"),
            (["node", "--plan", FleetLab.quickstart, "--name", "twig"], "trunk, branch-1"),
            (["node", "--plan", FleetLab.quickstart, "--name", "leaf-1"], "branch-1"),
            (["node", "--publishers", "tcp://127.0.0.1:*"], "--subscribers"),
            (
                ["node", "--publishers", "tcp://127.0.0.1", "--subscribers", "tcp://127.0.0.1:*"],
                "it has no port"
            ),
            (["status", "--control", "nonsense", "--state", "x"], "one of FILE"),
        ]
        for (arguments, reason) in cases {
            let command = try RunningCommand(arguments)
            #expect(try await command.end() == .exited(code: 2), "\(arguments)")
            #expect(command.diagnostics.contains(reason), "\(arguments): \(command.diagnostics)")
            #expect(command.output.isEmpty, "\(arguments): \(command.output)")
        }
    }
}
