import Foundation
import Testing
import TreeBuilder

@testable import xylem

/// Plans that go on from plans, on the command line.
@Suite struct UpkeepCommandTests {
    private static let topology = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "topologies/intercontinental.yaml").path

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "xylem-upkeep-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func run(_ arguments: String...) async throws -> String {
        let command = try Command(arguments)
        #expect(await command.end() == 0, "\(arguments): \(command.diagnostics)")
        return command.output
    }

    private func plan(_ arguments: String...) async throws -> Plan {
        let command = try Command(
            ["plan", Self.topology, "--mode", "mesh", "--format", "json"] + arguments
        )
        #expect(await command.end() == 0, "\(command.diagnostics)")
        return try JSONDecoder().decode(Plan.self, from: Data(command.output.utf8))
    }

    @Test func `a plan goes on from the one before, and nothing moves when nothing has changed`()
        async throws
    {
        try await withFolder { folder in
            let first = folder.appending(path: "first.plan").path
            _ = try await run(
                "plan",
                Self.topology,
                "--mode",
                "mesh",
                "--format",
                "json",
                "--output",
                first
            )
            let text = try await run(
                "plan",
                Self.topology,
                "--mode",
                "mesh",
                "--previous",
                first
            )
            #expect(
                text.contains("Tree markets: nothing moves")
                    && text.contains("Tree news: nothing moves")
            )
            let dead = try await run(
                "plan",
                Self.topology,
                "--mode",
                "mesh",
                "--previous",
                first,
                "--without",
                "london",
                "--format",
                "moves"
            )
            struct Moves: Decodable {
                struct Tree: Decodable { var moves: [Move] }
                var epoch: Int
                var trees: [Tree]
            }
            let moves = try JSONDecoder().decode(Moves.self, from: Data(dead.utf8))
            let before = try JSONDecoder().decode(
                Plan.self,
                from: Data(contentsOf: URL(filePath: first))
            )
            let london = before.trees[0].nodes.first { $0.id == "london" }
            let moved = moves.trees[0].moves.filter { $0.kind == .moves }.map(\.node)
            #expect(Set(moved).isSubset(of: Set(london?.children ?? [])))
            #expect(moves.epoch == before.epoch + 1)
        }
    }

    @Test func `two plans are compared as text, JSON and a picture`() async throws {
        try await withFolder { folder in
            let old = folder.appending(path: "old.plan").path
            let new = folder.appending(path: "new.plan").path
            for (file, dead) in [(old, "sydney"), (new, "london")] {
                _ = try await run(
                    "plan",
                    Self.topology,
                    "--mode",
                    "mesh",
                    "--without",
                    dead,
                    "--format",
                    "json",
                    "--output",
                    file
                )
            }
            let text = try await run("diff", old, new)
            #expect(text.contains("Sydney") && text.contains("leaves"))
            #expect(text.contains("Relays of one plan do not accept those of the other."))
            let json = try await run("diff", old, new, "--format", "json")
            let value = try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any]
            #expect(value?["isSame"] as? Bool == false)
            let svg = try await run("diff", old, new, "--format", "svg")
            #expect(svg.hasPrefix("<svg") && svg.contains("#ef6c00"))
            let same = try await run("diff", old, old)
            #expect(same.contains("nothing moves"))
        }
    }

    @Test func `what every death would do is told`() async throws {
        let text = try await run("plan", Self.topology, "--mode", "mesh", "--what-if")
        #expect(text.contains("(root)") && text.contains("No death cuts anybody off."))
        let json = try await run(
            "plan",
            Self.topology,
            "--mode",
            "mesh",
            "--what-if",
            "--format",
            "json"
        )
        let reports = try JSONDecoder().decode([DeathReport].self, from: Data(json.utf8))
        #expect(reports.count == 36 && reports.allSatisfy { $0.failure == nil })
    }

    @Test func `measured delays move nodes only when it is worth it`() async throws {
        try await withFolder { folder in
            let first = folder.appending(path: "first.plan").path
            let quiet = folder.appending(path: "quiet.txt")
            let planned = try await plan()
            try PlanJSON.render(planned).write(toFile: first, atomically: true, encoding: .utf8)
            try "london new-york 28ms\n".write(to: quiet, atomically: true, encoding: .utf8)
            let text = try await run(
                "plan",
                Self.topology,
                "--mode",
                "mesh",
                "--previous",
                first,
                "--measured",
                quiet.path
            )
            #expect(text.contains("nothing moves"))
        }
    }

    @Test(arguments: [
        (["--without", "atlantis"], "the topology has no node 'atlantis'"),
        (["--improve=-1"], "a number of moves is not negative"),
        (["--format", "moves"], "--previous, --without, --improve"),
        (["--what-if", "--format", "svg"], "--what-if is told as text or as json"),
        (["--previous", "/nonexistent.plan"], "No such file"),
        (["--standbys=-1"], "a count is not negative"),
    ])
    func `what cannot be meant is refused`(_ arguments: [String], _ reason: String) async throws {
        let command = try Command(["plan", Self.topology] + arguments)
        #expect(await command.end() == 2)
        #expect(command.diagnostics.contains(reason), "\(command.diagnostics)")
    }
}
