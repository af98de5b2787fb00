import Foundation
import Glibc
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

@testable import xylem

/// `xylem node` by itself: where it binds, whom it dials, and which signals end it.
@Suite(.serialized, .timeLimit(.minutes(2))) struct NodeCommandTests {
    private static func ready(_ command: RunningCommand) async throws -> NodeReady {
        try await command.firstLine("ready line") { data in
            try? JSONDecoder().decode(NodeReady.self, from: data)
        }
    }

    /// Publishes until the subscriber has a message.
    private static func exchange(_ publisher: Publisher, _ subscriber: Subscriber) async throws {
        _ = try await within("a message") {
            while true {
                publisher.send(["a", "x"])
                try await Task.sleep(for: .milliseconds(10))
                if let message = subscriber.tryReceive() { return message }
            }
        }
    }

    @Test func `several endpoints, bound elsewhere than told, and others that are dialled`()
        async throws
    {
        let outside = Publisher()
        let outsidePlace = try await outside.bind("tcp://127.0.0.1:*").description
        let sink = Subscriber()
        let sinkPlace = try await sink.bind("tcp://127.0.0.1:*").description
        try await sink.subscribe(to: "a")
        let command = try RunningCommand([
            "node", "--publishers", "tcp://127.0.0.2:*", "--publishers", "tcp://127.0.0.3:*",
            "--publishers", "connect:\(outsidePlace)", "--subscribers", "connect:\(sinkPlace)",
            "--control", "127.0.0.4:0", "--bind-address", "*", "--format", "json",
        ])
        let ready = try await Self.ready(command)
        #expect(ready.listening.count == 2 && ready.plan == nil)
        #expect(ready.publishers.hasPrefix("tcp://127.0.0.2:"))
        #expect(ready.listening.allSatisfy { $0.bind.hasPrefix("tcp://0.0.0.0:") })
        #expect(ready.listening[1].advertise.hasPrefix("tcp://127.0.0.3:"))
        #expect(ready.subscribers == sinkPlace)
        #expect(ready.dialled.map(\.endpoint) == [outsidePlace, sinkPlace])
        #expect(ready.control?.hasPrefix("127.0.0.4:") == true)
        try await Self.exchange(outside, sink)
        let inside = Publisher()
        try await inside.connect(ready.listening[1].advertise)
        try await Self.exchange(inside, sink)

        let status = try RunningCommand(["status", "--control", try #require(ready.control)])
        #expect(try await status.end() == .exited(code: 0))
        let lines = status.output.filter { $0.contains(outsidePlace) || $0.contains(sinkPlace) }
        #expect(lines.count == 2 && lines.allSatisfy { $0.hasSuffix("up") })
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
        await outside.close()
        await inside.close()
        await sink.close()
    }

    @Test func `a relay without an endpoint to listen at dials only`() async throws {
        let command = try RunningCommand([
            "node", "--publishers", "connect:tcp://127.0.0.1:1", "--subscribers",
            "connect:tcp://127.0.0.1:1",
        ])
        let line = try await command.firstLine("ready line") {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(
            line == "relay is ready: publishers connecting to tcp://127.0.0.1:1, "
                + "subscribers connecting to tcp://127.0.0.1:1"
        )
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    @Test func `a fleet binds everywhere and tells addresses`() async throws {
        var ports: [String] = []
        for _ in 0..<6 {
            let socket = Publisher()
            let place = try await socket.bind("tcp://127.0.0.1:*").description
            ports.append(String(place.split(separator: ":").last ?? ""))
            await socket.close()
        }
        let lab = try FleetLab()
        let file = try lab.topology(
            """
            nodes:
              inside:
                publishers: {bind: "tcp://*:\(ports[0])", advertise: "tcp://127.0.0.2:\(ports[0])"}
                subscribers: {bind: \(ports[1]), advertise: "tcp://127.0.0.2:\(ports[1])"}
                control: {advertise: "127.0.0.2:\(ports[2])"}
              outside: {address: 127.0.0.3, bind-address: "*", publishers: \(ports[3]), subscribers: \(ports[4]),
                control: \(ports[5])}
            links: [[inside, outside]]
            trees: {t: {root: inside}}
            """,
            named: "nat.yaml"
        )
        let (command, state) = try await lab.fleet(file)
        #expect(state.nodes[0].publishers == "tcp://127.0.0.2:\(ports[0])")
        #expect(state.nodes[1].control == "127.0.0.3:\(ports[5])")
        let plan = try RunningCommand(["plan", file])
        #expect(try await plan.end() == .exited(code: 0))
        let identity = try #require(try await ControlClient.status(at: state.nodes[0].control).plan)
        #expect(plan.output.last == "plan         \(identity.id.prefix(12)) (epoch 1)")
        for node in state.nodes {
            try await eventually("both connected") {
                let status = try await ControlClient.status(at: node.control)
                return status.trees.allSatisfy(\.isConnected)
                    && status.endpoints.listening.allSatisfy {
                        $0.bind.hasPrefix("tcp://0.0.0.0:")
                            && $0.advertise.hasPrefix("tcp://127.0.0.")
                    }
            }
        }
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    @Test(arguments: ["plan", "up"])
    func `an endpoint that names an interface is refused with its line`(
        command: String
    )
        async throws
    {
        let lab = try FleetLab()
        let file = try lab.topology("nodes:\n  a: {publishers: \"tcp://lo:7001\"}\n")
        let running = try RunningCommand([command, file])
        #expect(try await running.end() == .exited(code: 2))
        #expect(running.diagnostics.contains("bad.yaml:2:19: publishers: "))
        #expect(running.diagnostics.contains("names the interface \"lo\""))
    }

    @Test func `a closed terminal ends no relay`() async throws {
        let command = try RunningCommand([
            "node", "--publishers", "tcp://127.0.0.1:*", "--subscribers", "tcp://127.0.0.1:*",
            "--format", "json",
        ])
        let ready = try await Self.ready(command)
        command.send(SIGHUP)
        let publisher = Publisher()
        try await publisher.connect(ready.publishers)
        let subscriber = Subscriber()
        try await subscriber.connect(ready.subscribers)
        try await subscriber.subscribe(to: "a")
        try await Self.exchange(publisher, subscriber)
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    @Test(
        .enabled(
            if: FileManager.default.isExecutableFile(atPath: "/usr/bin/python3"),
            "needs /usr/bin/python3"
        )
    )
    func `a fleet lives on without its terminal, and ends in good order`() async throws {
        let lab = try FleetLab()
        let script = FleetLab.root.appending(path: "Tests/EndToEndTests/Peers/closed_terminal.py")
        let command = try RunningCommand(
            program: "/usr/bin/python3",
            [
                "python3", script.path, "up after", RunningCommand.executable, "up",
                FleetLab.quickstart, "--state", lab.stateFile.path, "--for", "300s",
            ]
        )
        #expect(try await command.end(.seconds(240)) == .exited(code: 0))
        #expect(command.output == ["closed", "alive", "0"])
    }

    @Test func `SIGHUP ends no fleet`() async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(FleetLab.quickstart)
        command.send(SIGHUP)
        for node in state.nodes { if let pid = node.pid { kill(Int32(pid), SIGHUP) } }
        let status = try RunningCommand(["status", "--state", lab.stateFile.path])
        #expect(try await status.end() == .exited(code: 0))
        // One plan for all, and it is said.
        #expect(status.output.contains { $0.hasPrefix("plan ") && $0.hasSuffix("(epoch 1)") })
        #expect(try lab.stateFile.read()?.processes == state.processes)
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }
}
