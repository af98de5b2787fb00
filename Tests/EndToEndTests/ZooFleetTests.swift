import Foundation
import SocketTestSupport
import Testing

@testable import xylem

/// Real networks, whose files are not part of the repository: 37 and 186 relays.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ZooFleetTests {
    static let zoo = FleetLab.root.deletingLastPathComponent().appending(
        path: "shared/topologies/zoo"
    )

    @Test(.enabled(if: isZooPresent(), "needs ../shared/topologies/zoo"))
    func `Geant delivers at all of its relays`() async throws {
        let lab = try FleetLab()
        let command = try lab.up(Self.file("Geant2012"), "--demo", "--for", "1s", "--rate", "200")
        #expect(try await command.end() == .exited(code: 0), "\(command.diagnostics)")
        let report = try await command.demoReport()
        #expect(report.nodes.count == 37)
        #expect(report.isComplete)
    }

    @Test(
        .enabled(
            if: isZooPresent() && PeerAvailability.check(),
            "needs ../shared/topologies/zoo and python3-zmq"
        ),
        arguments: [("Geant2012", 37, 20_000), ("Cogentco", 186, 100_000)]
    )
    func `libzmq subscribers at five relays get all that is published at a leaf`(
        network: String,
        nodeCount: Int,
        messageCount: Int
    ) async throws {
        let lab = try FleetLab()
        let (command, state) = try await lab.fleet(Self.file(network))
        #expect(state.nodes.count == nodeCount)
        let script = FleetLab.root.appending(path: "Tests/EndToEndTests/Peers/leaf_to_five.py").path
        let (code, output) = try await Self.run([script, lab.stateFile.path, "\(messageCount)"])
        #expect(code == 0, "\(output)")
        command.send(SIGTERM)
        #expect(try await command.end() == .exited(code: 0))
    }

    private static func file(_ network: String) -> String {
        zoo.appending(path: "\(network).graphml").path
    }

    private static func isZooPresent() -> Bool {
        if FileManager.default.fileExists(atPath: file("Geant2012")) { return true }
        print("SKIPPED: no \(zoo.path)")
        return false
    }

    /// Runs the interpreter to its end, off the tasks' threads.
    private static func run(_ arguments: [String]) async throws -> (code: Int32, output: String) {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result {
                        let process = Process()
                        let output = Pipe()
                        process.executableURL = URL(filePath: PeerAvailability.interpreter)
                        process.arguments = arguments
                        process.standardOutput = output
                        try process.run()
                        let data = output.fileHandleForReading.readDataToEndOfFile()
                        process.waitUntilExit()
                        return (
                            process.terminationStatus, String(decoding: data, as: UTF8.self)
                        )
                    }
                )
            }
        }
    }
}
