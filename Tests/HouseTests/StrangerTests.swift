import Foundation
import Testing

/// The public interface stands by itself: `Tests/Stranger` compiles, a package that has the products and nothing else.
///
/// Its sources are checked against the modules that these tests were built with, which takes seconds where a build of the package from the start
/// takes minutes. What the compiler is told is what its manifest says; `package` declarations stay hidden, as they are to any other package.
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
        let outcome = try Self.check(paths)
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
        let outcome = try Self.check([file.path])
        #expect(outcome.status != 0)
        #expect(outcome.output.contains("cannot find 'FrameScanner'"))
        #expect(!outcome.output.contains("cannot find 'QueueLimit'"))
    }

    private static func check(_ paths: [String]) throws -> Command {
        // `…/debug/xylemPackageTests.xctest` lies beside the modules, the plan of the build above them.
        let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let products = binary.deletingLastPathComponent()
        let folder = products.deletingLastPathComponent().deletingLastPathComponent()
        let build = try String(contentsOf: folder.appending(path: "debug.yaml"), encoding: .utf8)
        let maps = Set(build.matches(of: #/-fmodule-map-file=[^"]+/#).map { String($0.output) })
        var arguments = ["-typecheck", "-module-name", "Stranger", "-warnings-as-errors"]
        arguments += ["-swift-version", "6", "-I", products.appending(path: "Modules").path]
        for feature in ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"] {
            arguments += ["-enable-upcoming-feature", feature]
        }
        for map in maps.sorted() { arguments += ["-Xcc", map] }
        return try Command.run(["swiftc"] + arguments + paths)
    }
}
