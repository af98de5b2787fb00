import Synchronization
import Topology
public import Transports
public import Vocabulary

/// A file with the access list of one relay (docs/security.md), read again when it changes.
public final class AccessFile: Sendable {
    public let path: String
    private let file: WatchedFiles<AccessList>
    private let last: Mutex<AccessList>

    /// - Throws: `AccessError` with line and column, for a file that cannot be used.
    public init(_ path: String) throws(AccessError) {
        self.path = path
        file = try WatchedFiles(
            stamp: { () throws(AccessError) in [try FileStamp(path)] },
            read: { () throws(AccessError) in try Self.read(path) }
        )
        last = Mutex(try file.value())
    }

    /// What was last read.
    public var list: AccessList { last.withLock { $0 } }

    /// The list, if it is another one than before.
    func changedList() throws(AccessError) -> AccessList? {
        let list = try file.value()
        return last.withLock { last in
            defer { last = list }
            return list == last ? nil : list
        }
    }

    private static func read(_ path: String) throws(AccessError) -> AccessList {
        let text = try SmallFiles.text(path)
        do throws(TopologyError) {
            return try AccessListReader.read(text, file: path)
        } catch {
            let place = error.position.map { "\(path):\($0.line):\($0.column)" } ?? path
            throw AccessError(path: place, problem: error.message)
        }
    }
}

/// Where a relay's own access list comes from.
public enum AccessSource: Sendable {
    case list(AccessList)
    case file(AccessFile)

    public var list: AccessList {
        switch self {
        case .list(let list): list
        case .file(let file): file.list
        }
    }
}
