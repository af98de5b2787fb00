import Foundation
import SocketTestSupport
import Testing

@testable import xylem

/// A real network of 37 relays. Its file is not part of the repository.
@Suite(.serialized, .timeLimit(.minutes(3))) struct ZooFleetTests {
    static let geant = FleetLab.root.deletingLastPathComponent()
        .appending(path: "shared/topologies/zoo/Geant2012.graphml").path

    @Test(.enabled(if: isPresent(geant), "needs ../shared/topologies/zoo"))
    func `Geant delivers at all of its relays`() async throws {
        let lab = try FleetLab()
        let command = try lab.up(Self.geant, "--demo", "--for", "1s", "--rate", "200")
        #expect(try await command.end() == .exited(code: 0), "\(command.diagnostics)")
        let report = try await command.demoReport()
        #expect(report.nodes.count == 37)
        #expect(report.isComplete)
    }

    private static func isPresent(_ file: String) -> Bool {
        if FileManager.default.fileExists(atPath: file) { return true }
        print("SKIPPED: no \(file)")
        return false
    }
}
