import Foundation

/// Compiles sources of other packages against the modules that these tests were built with, which takes seconds where a build of the package
/// from the start takes minutes. `package` declarations stay hidden, as they are to any other package.
enum TypeCheck {
    static let strictFeatures = [
        "ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility",
    ]

    /// - Parameters:
    ///   - paths: sources of one module.
    ///   - features: upcoming features that the module's manifest turns on.
    ///   - isProgram: whether one of them has `@main`.
    ///   - allowsWarnings: whether the compiler may warn: of a value that an example does not use, for one.
    /// - Returns: status 0 when there is nothing to complain about, otherwise what the compiler said.
    /// - Throws: when the compiler cannot be run.
    static func run(
        _ paths: [String],
        features: [String] = [],
        isProgram: Bool = false,
        allowsWarnings: Bool = false
    ) throws -> Command {
        // `…/debug/xylemPackageTests.xctest` lies beside the modules, the plan of the build above them.
        let binary = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let products = binary.deletingLastPathComponent()
        let folder = products.deletingLastPathComponent().deletingLastPathComponent()
        let build = try String(contentsOf: folder.appending(path: "debug.yaml"), encoding: .utf8)
        let maps = Set(build.matches(of: #/-fmodule-map-file=[^"]+/#).map { String($0.output) })
        var arguments = ["-typecheck", "-module-name", "Client"]
        arguments.append(allowsWarnings ? "-suppress-warnings" : "-warnings-as-errors")
        arguments += ["-swift-version", "6", "-I", products.appending(path: "Modules").path]
        if isProgram { arguments.append("-parse-as-library") }
        for feature in features { arguments += ["-enable-upcoming-feature", feature] }
        for map in maps.sorted() { arguments += ["-Xcc", map] }
        return try Command.run(["swiftc"] + arguments + paths)
    }
}
