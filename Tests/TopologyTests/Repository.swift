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

    static let cases = root.appending(path: "../shared/cases/topologies").standardized

    static func sharedCase(_ file: String) throws -> [UInt8] {
        try Array(Data(contentsOf: cases.appending(path: file)))
    }

    /// Whether the files of other tools beside the repository are there; says so loudly when not.
    static let hasCases: Bool = {
        let isThere = FileManager.default.fileExists(atPath: cases.path)
        if !isThere {
            FileHandle.standardError.write(
                Data("SKIPPED: files of other tools, ../shared/cases is absent\n".utf8)
            )
        }
        return isThere
    }()

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
