import Glibc

/// A pipe that no child inherits unless it is given one of the ends.
struct PipeEnds {
    let reading: Int32
    let writing: Int32

    init() throws(CommandError) {
        var ends: [Int32] = [0, 0]
        // Swift's import of the C library lacks pipe2, and between pipe and fcntl another thread may start a process. A
        // pair of sockets is closed on exec from its first moment.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
            throw .failure("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        (reading, writing) = (ends[0], ends[1])
        shutdown(reading, Int32(SHUT_WR))
    }
}
