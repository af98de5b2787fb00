import Glibc
import Synchronization

/// What was read of files, read again when they have changed.
package final class WatchedFiles<Value: Sendable>: Sendable {
    private let stamp: @Sendable () throws(AccessError) -> [FileStamp]
    private let read: @Sendable () throws(AccessError) -> Value
    private let state: Mutex<(stamps: [FileStamp], value: Value)>

    package init(
        stamp: @escaping @Sendable () throws(AccessError) -> [FileStamp],
        read: @escaping @Sendable () throws(AccessError) -> Value
    ) throws(AccessError) {
        self.stamp = stamp
        self.read = read
        // The stamps first: a change in between is then noticed the next time.
        let stamps = try stamp()
        state = Mutex((stamps, try read()))
    }

    /// What the files say now.
    package func value() throws(AccessError) -> Value {
        let stamps = try stamp()
        if let value = state.withLock({ $0.stamps == stamps ? $0.value : nil }) { return value }
        let value = try read()
        state.withLock { $0 = (stamps, value) }
        return value
    }
}

/// What tells that a file is not the one it was.
package struct FileStamp: Equatable, Sendable {
    private let device: UInt
    private let node: UInt
    private let byteCount: Int
    private let modified: [Int]

    package init(_ path: String) throws(AccessError) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw AccessError(path: path, errno: errno) }
        self.init(status)
    }

    private init(_ status: stat) {
        device = UInt(status.st_dev)
        node = UInt(status.st_ino)
        byteCount = Int(status.st_size)
        // The second is the time of the last change of any kind, which nobody can set.
        modified = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
            status.st_ctim.tv_nsec,
        ]
    }
}

extension AccessError {
    init(path: String, errno: Int32) {
        self.init(path: path, problem: String(cString: strerror(errno)))
    }
}

/// Small text files and folders of them.
package enum SmallFiles {
    /// Far above any list of keys or passwords.
    private static let byteCountMax = 16 << 20

    package static func text(_ path: String) throws(AccessError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw AccessError(path: path, errno: errno) }
        defer { close(descriptor) }
        var octets: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw AccessError(path: path, errno: errno) }
            if count == 0 { break }
            octets += buffer.prefix(count)
            guard octets.count <= byteCountMax else {
                throw AccessError(path: path, problem: "the file is too large")
            }
        }
        guard let text = String(validating: octets, as: UTF8.self) else {
            throw AccessError(path: path, problem: "the file is not UTF-8")
        }
        return text
    }

    /// The names in a folder, but for hidden ones, sorted.
    static func names(in folder: String) throws(AccessError) -> [String] {
        guard let stream = opendir(folder) else { throw AccessError(path: folder, errno: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { name in
                name.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }
}
