import Glibc

/// The captures that a user's paths mean: a directory stands for the captures in it, and files that one capture was written in are one.
public struct CapturePaths: Sendable, Equatable {
    public struct PassedOver: Sendable, Equatable {
        public var path: String
        public var reason: String
    }

    /// Whether files may belong together.
    public enum Joining: Sendable, Equatable {
        /// Those that a capturing tool wrote one after the other.
        case found
        /// Every file is a capture of its own.
        case none
        /// All of them are one capture.
        case all
    }

    /// In the order given; those of a directory by name.
    public var files: [String] = []
    /// The same files as captures, each in one file or in several.
    public var captures: [[String]] = []
    /// Entries of directories that are no captures.
    public var passedOver: [PassedOver] = []

    /// - Throws: For a path that is not there, or a directory without captures.
    public init(_ paths: [String], joining: Joining = .found) throws(CaptureError) {
        for path in paths {
            if path != "-", try Self.isDirectory(path) {
                try addDirectory(path)
            } else {
                files.append(path)
            }
        }
        switch joining {
        case .found: captures = CaptureGrouping(files).captures
        case .none: captures = files.map { [$0] }
        case .all: captures = CaptureGrouping.joined(files)
        }
    }

    private static func isDirectory(_ path: String) throws(CaptureError) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else { throw CaptureError(source: path, errno: errno) }
        return status.st_mode & S_IFMT == S_IFDIR
    }

    private mutating func addDirectory(_ path: String) throws(CaptureError) {
        let fileCount = files.count
        for name in try Self.entries(of: path) {
            let entry = path.hasSuffix("/") ? path + name : "\(path)/\(name)"
            do throws(CaptureError) {
                guard try !Self.isDirectory(entry) else { continue }
                _ = try CaptureFile(entry)
                files.append(entry)
            } catch {
                passedOver.append(PassedOver(path: entry, reason: error.problem))
            }
        }
        guard files.count > fileCount else {
            throw CaptureError(source: path, problem: "no captures in this directory")
        }
    }

    private static func entries(of path: String) throws(CaptureError) -> [String] {
        guard let directory = opendir(path) else { throw CaptureError(source: path, errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
