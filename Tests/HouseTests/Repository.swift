import Foundation

/// The files of this checkout: what git tracks, and what it would track after `git add`.
enum Repository {
    struct File {
        /// Relative to the package root.
        var path: String
        var text: String
    }

    struct Unreadable: Error, CustomStringConvertible {
        var description: String
    }

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Paths relative to the package root, sorted. Without git (a source archive) every file that
    /// is not in a hidden folder counts.
    static func paths() throws -> [String] {
        let listing = try Command.run(
            "git",
            "-C",
            root.path,
            "ls-files",
            "-z",
            "--cached",
            "--others",
            "--exclude-standard"
        )
        guard listing.status == 0 else { return try pathsOnDisk() }
        return listing.output.split(separator: "\0").map(String.init).filter(exists).sorted()
    }

    /// All text files: those whose bytes are UTF-8.
    static func textFiles() throws -> [File] {
        try paths().compactMap { path in
            let data = try Data(contentsOf: root.appending(path: path))
            return String(data: data, encoding: .utf8).map { File(path: path, text: $0) }
        }
    }

    static func swiftFiles(under folder: String) throws -> [File] {
        try textFiles().filter { $0.path.hasPrefix(folder + "/") && $0.path.hasSuffix(".swift") }
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    private static func pathsOnDisk() throws -> [String] {
        guard let walk = FileManager.default.enumerator(atPath: root.path) else {
            throw Unreadable(description: "cannot list \(root.path)")
        }
        return walk.compactMap { $0 as? String }
            .filter { !$0.hasPrefix(".") && !isFolder($0) }
            .sorted()
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let path = root.appending(path: path).path
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            && isFolder.boolValue
    }
}
