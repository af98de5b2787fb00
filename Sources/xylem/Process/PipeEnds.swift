import Glibc

/// A pipe that no child inherits unless it is given one of the ends.
struct PipeEnds {
    let reading: Int32
    let writing: Int32

    init() throws(CommandError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw .failure("cannot make a pipe: \(String(cString: strerror(errno)))")
        }
        (reading, writing) = (ends[0], ends[1])
        // Set one call later than it could be: only the supervisor starts processes, and not at the same time.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    }
}
