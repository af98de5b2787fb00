import CEventfd
import Glibc

/// A file descriptor that `poll` finds readable as long as something is there, for programs that wait for sockets
/// and files together. Only its owner reads or writes it.
///
/// The owner sets it under its own lock, so that descriptor and owner never disagree.
struct ReadinessDescriptor: ~Copyable {
    let fileDescriptor: Int32
    private var isReady = false

    /// `nil` when the process has no descriptor left.
    init?() {
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { return nil }
        fileDescriptor = descriptor
    }

    deinit {
        close(fileDescriptor)
    }

    mutating func set(_ isReady: Bool) {
        guard self.isReady != isReady else { return }
        self.isReady = isReady
        var count: UInt64 = 1
        if isReady {
            write(fileDescriptor, &count, MemoryLayout<UInt64>.size)
        } else {
            read(fileDescriptor, &count, MemoryLayout<UInt64>.size)
        }
    }
}
