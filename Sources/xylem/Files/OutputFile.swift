import Glibc

/// A file that a user named for us to write; all of them are written by these rules.
///
/// A regular file is replaced as a whole: it is written beside its place under another name, and takes the place when all
/// of it is there. A reader sees the old file or the new one, and when we fail, the old one stays. So do its mode, its
/// owner if we may give files away, and a symbolic link to it. Where no second file can be, because the folder is not
/// ours or the file is a mount of its own, it is written where it is. Everything that is no regular file is written
/// through, and `-` is standard output.
final class OutputFile {
    /// Under what name a regular file is written, and whose place it takes.
    private struct Replacement {
        var temporary: String
        var target: String
    }

    /// As the user wrote it.
    private let name: String
    private let descriptor: Int32
    private var replacement: Replacement?

    /// Opens it. `isGrowing`: others may read what is written before all of it is, so a regular file is not replaced but
    /// written anew where it is.
    init(_ path: String, isGrowing: Bool = false) throws(CommandError) {
        name = path == "-" ? "standard output" : path
        do throws(SystemError) {
            switch try OutputPlace(path) {
            case .open(let number): descriptor = try Self.checked(dup(number))
            case .special(let path): descriptor = try Self.opened(path, O_WRONLY)
            case .regular(let path) where isGrowing: descriptor = try Self.openedAnew(path)
            case .regular(let path):
                (descriptor, replacement) = try Self.openedBeside(path)
            }
        } catch {
            throw .badInput("cannot write \(name): \(error)")
        }
    }

    deinit {
        close(descriptor)
        if let replacement { unlink(replacement.temporary) }
    }

    /// Writes all of a file.
    static func write(_ text: String, to path: String) throws(CommandError) {
        let file = try OutputFile(path)
        try file.write(Array(text.utf8))
        try file.finish()
    }

    func write(_ bytes: [UInt8]) throws(CommandError) {
        do throws(SystemError) {
            // A typed throw does not come through a closure.
            let failure = bytes.withUnsafeBytes { bytes -> SystemError? in
                do throws(SystemError) { try OpenFile.write(bytes, to: descriptor) } catch {
                    return error
                }
                return nil
            }
            if let failure { throw failure }
        } catch {
            throw failure(error)
        }
    }

    /// Puts a regular file into its place: everything is written.
    func finish() throws(CommandError) {
        guard let replacement else { return }
        do throws(SystemError) {
            // What the disk has no room for may show only now, and the new name must not reach it before the contents.
            guard fsync(descriptor) == 0 else { throw .last }
            guard rename(replacement.temporary, replacement.target) == 0 else {
                guard errno == EBUSY else { throw .last }
                return try copyInPlace(replacement)
            }
            self.replacement = nil
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: SystemError) -> CommandError {
        .failure("cannot write \(name): \(error)")
    }

    /// For a file that is a mount of its own, which nothing can take the place of.
    private func copyInPlace(_ replacement: Replacement) throws(SystemError) {
        let source = try Self.opened(replacement.temporary, O_RDONLY)
        defer { close(source) }
        let target = try Self.openedAnew(replacement.target)
        defer { close(target) }
        var chunk = [UInt8](repeating: 0, count: Self.chunkByteCount)
        while true {
            let count = read(source, &chunk, chunk.count)
            if count == 0 { return }
            guard count > 0 else { throw .last }
            let failure = chunk[..<count].withUnsafeBytes { bytes -> SystemError? in
                do throws(SystemError) { try OpenFile.write(bytes, to: target) } catch {
                    return error
                }
                return nil
            }
            if let failure { throw failure }
        }
    }

    private static let chunkByteCount = 256 << 10
}

// MARK: - Opening

extension OutputFile {
    private static func opened(_ path: String, _ flags: Int32) throws(SystemError) -> Int32 {
        try checked(open(path, flags | O_CLOEXEC, 0o666))
    }

    private static func openedAnew(_ path: String) throws(SystemError) -> Int32 {
        try opened(path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    private static func openedBeside(
        _ path: String
    ) throws(SystemError) -> (Int32, Replacement?) {
        var old = stat()
        let exists = stat(path, &old) == 0
        // A file that may not be written is not to be replaced either, though its folder would allow it.
        if exists, access(path, W_OK) != 0 { throw .last }
        let number = String(UInt64.random(in: .min ... .max), radix: 36)
        let temporary = OutputPlace.folder(of: path) + ".xylem-\(getpid())-\(number)"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            let error = SystemError.last
            guard exists, error.number == EACCES || error.number == EPERM else { throw error }
            return (try openedAnew(path), nil)
        }
        if exists {
            // We may not be allowed to give files away; then it is ours from now on, as with any other program.
            _ = fchown(descriptor, old.st_uid, old.st_gid)
            fchmod(descriptor, old.st_mode & 0o7777)
        }
        return (descriptor, Replacement(temporary: temporary, target: path))
    }

    private static func checked(_ descriptor: Int32) throws(SystemError) -> Int32 {
        guard descriptor >= 0 else { throw .last }
        return descriptor
    }
}
