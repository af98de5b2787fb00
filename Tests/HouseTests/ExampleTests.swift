import Foundation
import Testing

/// The example programs compile, and their manifest knows each of them. `EndToEndTests` builds and runs them.
@Suite struct ExampleTests {
    private static let folder = "docs/examples/Sources"

    private static func programs() throws -> [String] {
        let path = Repository.root.appending(path: folder).path
        return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    }

    @Test func `every example compiles`() throws {
        let programs = try Self.programs()
        #expect(programs.count >= 5)
        for program in programs {
            let files = try Repository.swiftFiles(under: "\(Self.folder)/\(program)")
            let paths = files.map { Repository.root.appending(path: $0.path).path }
            let outcome = try TypeCheck.run(paths, isProgram: true)
            #expect(outcome.status == 0, "\(program): \(outcome.output)")
        }
    }

    @Test func `the manifest and the page name every example`() throws {
        for page in ["Package.swift", "README.md"] {
            let text = try String(
                contentsOf: Repository.root.appending(path: "docs/examples/\(page)"),
                encoding: .utf8
            )
            for program in try Self.programs() {
                #expect(text.contains(program), "\(page) does not name \(program)")
            }
        }
    }
}
