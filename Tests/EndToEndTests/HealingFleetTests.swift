import Foundation
import Glibc
import Patterns
import RouterNode
import SocketTestSupport
import Synchronization
import Testing
import ZeroMQ

@testable import xylem

/// Relays of a fleet are killed and stopped under load; everybody else must notice nothing (docs/RELIABILITY.md).
@Suite(.serialized, .timeLimit(.minutes(5))) struct HealingFleetTests {
    /// What happens to which relay of `topologies/quickstart.yaml`: an inner one, one that is also the standby, the root.
    struct Accident: Sendable, CustomTestStringConvertible {
        var victim: String
        var signal: Int32

        var testDescription: String { "\(victim), \(signal == SIGKILL ? "killed" : "stopped")" }
    }

    @Test(arguments: [
        Accident(victim: "branch-2", signal: SIGKILL),
        Accident(victim: "branch-1", signal: SIGKILL),
        Accident(victim: "trunk", signal: SIGKILL), Accident(victim: "branch-1", signal: SIGSTOP),
        Accident(victim: "trunk", signal: SIGSTOP),
    ])
    func `the death of a relay costs the others no message`(accident: Accident) async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(FleetLab.quickstart)
        try await awaitStandby(of: state)
        var options = SocketOptions()
        options.overflow = .block
        let publisher = XPublisher(options: options)
        try await publisher.connect(try state.node(named: "leaf-1").publishers)
        var subscribers: [Subscriber] = []
        for node in state.nodes where node.id != accident.victim {
            let subscriber = Subscriber()
            try await subscriber.connect(node.subscribers)
            try await subscriber.subscribe(to: ["a", "ready \(node.id)"].map { Array($0.utf8) })
            subscribers.append(subscriber)
        }
        let ready = state.nodes.map(\.id).filter { $0 != accident.victim }.map { "ready \($0)" }
        try await awaitInterest(in: ready + ["a"], of: publisher)

        let count = 4_000
        let victim = pid_t(try state.process(of: accident.victim))
        try await withThrowingTaskGroup { group in
            group.addTask {
                for number in 0..<count {
                    try await publisher.sendWaiting([Frame("a"), Frame("\(number)")])
                    if number % 4 == 0 { try await Task.sleep(for: .milliseconds(1)) }
                    if number == count / 3 { kill(victim, accident.signal) }
                }
            }
            for subscriber in subscribers {
                group.addTask {
                    let numbers = try await within("\(count) messages", .seconds(60)) {
                        var numbers: [Int?] = []
                        while numbers.count < count {
                            numbers.append(Int(try await subscriber.receive()[1].text))
                        }
                        return numbers
                    }
                    #expect(numbers == Array(0..<count))
                }
            }
            try await group.waitForAll()
        }
        if accident.victim == "trunk" {
            try await eventually("a trunk that follows another root") {
                let link = await Self.link(of: "trunk", try lab.stateFile.read() ?? state)
                return link.map { $0.state == "attached" && $0.root == "branch-1" } ?? false
            }
        }
        // Nobody must wait for one that is stopped.
        kill(victim, SIGCONT)
        for subscriber in subscribers { await subscriber.close() }
        await publisher.close()
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    @Test func `relays are restarted one after the other, and nobody else notices`() async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(FleetLab.quickstart)
        try await awaitStandby(of: state)
        var options = SocketOptions()
        options.overflow = .block
        let publisher = XPublisher(options: options)
        try await publisher.connect(try state.node(named: "leaf-1").publishers)
        let subscriber = Subscriber()
        try await subscriber.connect(try state.node(named: "leaf-2").subscribers)
        try await subscriber.subscribe(to: "a")
        try await awaitInterest(in: ["a"], of: publisher)

        let others = ["trunk", "branch-1", "branch-2", "leaf-3", "leaf-4"]
        let end = End()
        let sent = try await withThrowingTaskGroup(of: Int.self) { group in
            group.addTask {
                var number = 0
                while !end.isReached.withLock({ $0 }) {
                    try await publisher.sendWaiting([Frame("a"), Frame("\(number)")])
                    number += 1
                    if number % 4 == 0 { try await Task.sleep(for: .milliseconds(1)) }
                }
                return number
            }
            let restart = try RunningCommand(
                ["restart", "--state", lab.stateFile.path, "--format", "json"] + others
            )
            #expect(try await restart.end() == .exited(code: 0), "\(restart.diagnostics)")
            #expect(restart.output.count == others.count)
            end.isReached.withLock { $0 = true }
            return try await group.next() ?? 0
        }
        #expect(sent > 0)
        let numbers = try await within("\(sent) messages", .seconds(60)) {
            var numbers: [Int?] = []
            while numbers.count < sent {
                numbers.append(Int(try await subscriber.receive()[1].text))
            }
            return numbers
        }
        #expect(numbers == Array(0..<sent))
        let now = try #require(try lab.stateFile.read())
        for node in others {
            #expect(try now.process(of: node) != state.process(of: node), "\(node)")
        }
        await subscriber.close()
        await publisher.close()
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    private final class End: Sendable {
        let isReached = Mutex(false)
    }

    private func awaitStandby(of state: FleetState) async throws {
        try await eventually("a standby in service", .seconds(60)) {
            try await Task.sleep(for: .milliseconds(20))
            return await Self.link(of: "trunk", state)?.standbys == ["branch-1"]
        }
    }

    private static func link(of node: String, _ state: FleetState) async -> NodeStatus.Link? {
        let report = await FleetPoll(state).report()
        return report.nodes.first { $0.id == node }?.status?.trees.first?.link
    }

    private func awaitInterest(in topics: [String], of publisher: XPublisher) async throws {
        try await within("interest in \(topics)", .seconds(60)) {
            var missing = Set(topics.map { Array($0.utf8) })
            while !missing.isEmpty {
                if case .subscribed(let topic) = try await publisher.receive() {
                    missing.remove(topic)
                }
            }
        }
    }
}
