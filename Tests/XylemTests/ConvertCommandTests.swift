import Foundation
import Testing

@testable import xylem

/// `xylem convert`, from file to file.
@Suite struct ConvertCommandTests {
    private static let site = """
        name: site
        nodes:
          oslo: {region: north, max-children: 2, attributes: {rack: "17"}}
          bergen:
          tromso: {weight: 3}
        links:
          - {between: [oslo, bergen], delay: 4ms, cost: 2}
          - [oslo, tromso, 9ms]
        trees:
          markets: {root: oslo, topics: market.}
        """

    private func withFolder(_ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "xylem-convert-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(folder)
    }

    private func write(_ text: String, _ name: String, in folder: URL) throws -> String {
        let file = folder.appending(path: name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        return file.path
    }

    /// The plan of a converted file is the plan of the original, but for what its nodes are numbered by: nothing.
    @Test(arguments: ["yaml", "graphml", "dot", "json"])
    func `a converted file plans like its original`(format: String) async throws {
        try await withFolder { folder in
            let file = try write(Self.site, "site.yaml", in: folder)
            let other = folder.appending(path: "other.\(format)").path
            let convert = try Command("convert", file, "--to", format, "--output", other)
            #expect(await convert.end() == 0, "\(convert.diagnostics)")
            #expect(convert.output.isEmpty)
            #expect(convert.diagnostics == "xylem: wrote \(other)\n")
            let original = try Command("plan", file, "--format", "json")
            let converted = try Command("plan", other, "--format", "json")
            #expect(await original.end() == 0)
            #expect(await converted.end() == 0, "\(converted.diagnostics)")
            #expect(try plan(converted.output) == plan(original.output))
        }
    }

    /// A plan without the notes of its file.
    private func plan(_ text: String) throws -> NSDictionary {
        let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
        var plan = try #require(value as? [String: Any])
        plan["notes"] = nil
        return plan as NSDictionary
    }

    @Test func `what a format has no place for is told, and the file is written all the same`()
        async throws
    {
        try await withFolder { folder in
            let file = try write(Self.site, "site.yaml", in: folder)
            let command = try Command("convert", file, "--to", "containerlab")
            #expect(await command.end() == 0)
            #expect(command.output.contains("endpoints: [\"oslo:eth1\", \"bergen:eth1\"]"))
            #expect(
                command.diagnostics.contains(
                    "xylem: containerlab: a lab has no place for 1 tree (\"markets\")\n"
                )
            )
        }
    }

    @Test func `attributes of a foreign file come along, and standard input is read`() async throws
    {
        try await withFolder { folder in
            let graph = """
                graph { oslo [rack=17]; oslo -- bergen [delay=4, circuit="AB-1"] }
                """
            let file = try write(graph, "x.gv", in: folder)
            let command = try Command(input: file, "convert", "-", "--to", "yaml")
            #expect(await command.end() == 0, "\(command.diagnostics)")
            #expect(command.output.contains("oslo: {attributes: {rack: 17}}"))
            #expect(command.output.contains("attributes: {circuit: AB-1}"))
            #expect(command.diagnostics.contains("delays from \"delay\", in ms"))
        }
    }

    @Test func `a file that cannot be read and a format that is none are bad input`() async throws {
        try await withFolder { folder in
            let file = try write("graph { a -- ; }", "x.dot", in: folder)
            let command = try Command("convert", file, "--to", "json")
            #expect(await command.end() == 2)
            #expect(command.output.isEmpty)
            #expect(command.diagnostics == "xylem: \(file):1:14: expected a node here\n")
            let other = try Command("convert", file, "--to", "gexf")
            #expect(await other.end() == 2)
            #expect(other.diagnostics.contains("gexf"))
        }
    }
}
