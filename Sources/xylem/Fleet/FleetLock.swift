import Glibc

/// Held by the one supervisor of a fleet. The kernel lets it go with the process, even after `kill -9`.
final class FleetLock: Sendable {
    private let path: String
    private let descriptor: Int32

    /// Takes the lock; `nil` when somebody else holds it.
    init?(path: String) throws(CommandError) {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else {
                throw .badInput("cannot open \(path): \(String(cString: strerror(errno)))")
            }
            var request = Self.wholeFile
            guard fcntl(descriptor, Self.setLock, &request) == 0 else {
                close(descriptor)
                return nil
            }
            // Its last holder may have removed the file between our open and our lock: then it guards nothing.
            if Self.isSameFile(descriptor, path) {
                self.path = path
                self.descriptor = descriptor
                return
            }
            close(descriptor)
        }
    }

    deinit {
        unlink(path)
        close(descriptor)
    }

    /// Whether any process holds the lock. Looks without taking it, so that nobody who tries at that moment is refused.
    static func isHeld(at path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var request = wholeFile
        guard fcntl(descriptor, lockHolder, &request) == 0 else { return false }
        return Int32(request.l_type) != F_UNLCK
    }

    private static func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && stat(path, &named) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }

    private static var wholeFile: flock {
        var request = flock()
        request.l_type = Int16(F_WRLCK)
        request.l_whence = Int16(SEEK_SET)
        return request
    }

    // Locks of the open file, not of the process, which closing any other descriptor would let go. Swift's import of
    // <fcntl.h> lacks their numbers: F_OFD_GETLK and F_OFD_SETLK.
    private static let lockHolder: Int32 = 36
    private static let setLock: Int32 = 37
}
