import Foundation

/// Places in the repository and beside it, found from this file.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let samples = root.appending(path: "topologies")
    static let shared = root.appending(path: "../shared/topologies").standardized

    static func sample(_ file: String) throws -> [UInt8] {
        try Array(Data(contentsOf: samples.appending(path: file)))
    }

    static func shared(_ path: String) throws -> [UInt8] {
        try Array(Data(contentsOf: shared.appending(path: path)))
    }

    /// Whether the data beside the repository is there; says so loudly when not.
    static let hasShared: Bool = {
        let isThere = FileManager.default.fileExists(atPath: shared.path)
        if !isThere {
            FileHandle.standardError.write(
                Data(
                    "SKIPPED: topology tests on real networks, ../shared/topologies is absent\n"
                        .utf8
                )
            )
        }
        return isThere
    }()
}
