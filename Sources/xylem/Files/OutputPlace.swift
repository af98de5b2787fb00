import Glibc

/// What the path of a file that is to be written means.
///
///     -                             standard output
///     /dev/stdout, /dev/fd/N        the open file itself: it goes on where it is
///     a file, or nothing yet        a file that can be replaced as a whole
///     a symbolic link               what it leads to; the link is not touched
///     a device, a FIFO              something to write into
enum OutputPlace: Equatable {
    case open(Int32)
    /// A regular file, or none yet; the path leads through no link at its end.
    case regular(String)
    case special(String)

    init(_ path: String) throws(SystemError) {
        guard path != "-" else {
            self = .open(STDOUT_FILENO)
            return
        }
        var path = path
        for _ in 0..<Self.linkCountMax {
            var status = stat()
            guard lstat(path, &status) == 0 else {
                guard errno == ENOENT, !path.isEmpty else { throw .last }
                self = .regular(path)
                return
            }
            switch status.st_mode & S_IFMT {
            case S_IFREG:
                self = .regular(path)
                return
            case S_IFDIR: throw SystemError(number: EISDIR)
            case S_IFLNK:
                let folder = Self.folder(of: path)
                if let descriptor = Self.openFile(path, in: folder) {
                    self = descriptor
                    return
                }
                let target = try Self.target(of: path)
                path = target.hasPrefix("/") ? target : folder + target
            default:
                self = .special(path)
                return
            }
        }
        throw SystemError(number: ELOOP)
    }

    /// With its last slash.
    static func folder(of path: String) -> String {
        path.lastIndex(of: "/").map { String(path[...$0]) } ?? "./"
    }

    /// The links of /proc/PID/fd are no paths: they stand for open files, at the place where those are. `nil` for any other
    /// link.
    private static func openFile(_ path: String, in folder: String) -> OutputPlace? {
        guard let resolved = realpath(folder, nil) else { return nil }
        defer { free(resolved) }
        guard String(cString: resolved).hasPrefix("/proc/") else { return nil }
        var (named, ours) = (stat(), stat())
        let number = Int32(path.split(separator: "/").last ?? "")
        if let number, stat(path, &named) == 0, fstat(number, &ours) == 0,
            named.st_dev == ours.st_dev, named.st_ino == ours.st_ino
        {
            return .open(number)
        }
        return .special(path)
    }

    private static func target(of path: String) throws(SystemError) -> String {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.bindMemory(to: CChar.self).baseAddress.map {
                readlink(path, $0, buffer.count)
            } ?? 0
        }
        guard count > 0 else { throw .last }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// As many as the kernel follows.
    private static let linkCountMax = 40
}
