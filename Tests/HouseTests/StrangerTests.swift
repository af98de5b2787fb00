import Foundation
import Testing

/// The public interface stands by itself: `Tests/Stranger` compiles, a package that has the products and nothing else.
///
/// What the compiler is told is what its manifest says.
@Suite struct StrangerTests {
    /// What the products hold, and what else the manifest names.
    private static let modules = [
        "ZeroMQ", "TreeBuilder", "Topology", "RouterNode", "Inspector", "Dissection",
        "InspectionReports", "Captures", "Logging",
    ]

    private static func sources() throws -> [Repository.File] {
        try Repository.swiftFiles(under: "Tests/Stranger/Sources")
    }

    @Test func `a stranger finds in a product all that the product names`() throws {
        let paths = try Self.sources().map { Repository.root.appending(path: $0.path).path }
        #expect(paths.count >= 3)
        let outcome = try TypeCheck.run(paths, features: TypeCheck.strictFeatures)
        #expect(outcome.status == 0, "\(outcome.output)")
    }

    @Test func `a stranger imports products alone`() throws {
        for file in try Self.sources() {
            let others = Layering.imports(in: file.text).filter { !Self.modules.contains($0) }
            #expect(others.isEmpty, "\(file.path) imports \(others), which are no products")
        }
    }

    @Test func `the check can fail`() throws {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "xylem-stranger-\(UUID().uuidString).swift")
        defer { try? FileManager.default.removeItem(at: file) }
        // What a client has no use for stays in its module, though it is public there.
        let source = "import ZeroMQ\nlet limit = QueueLimit()\nlet scanner = FrameScanner()\n"
        try source.write(to: file, atomically: true, encoding: .utf8)
        let outcome = try TypeCheck.run([file.path], features: TypeCheck.strictFeatures)
        #expect(outcome.status != 0)
        #expect(outcome.output.contains("cannot find 'FrameScanner'"))
        #expect(!outcome.output.contains("cannot find 'QueueLimit'"))
    }
}
