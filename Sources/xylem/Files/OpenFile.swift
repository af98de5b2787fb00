import Glibc

/// What can be done with an open file, whoever opened it.
enum OpenFile {
    /// Writes all of it, waiting where a full pipe makes it wait. Nobody at the other end of a pipe is an error like any
    /// other, since the command ignores SIGPIPE.
    static func write(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32
    ) throws(SystemError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(
                descriptor,
                UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                rest.count
            )
            guard count < 0 else {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            // Whoever shares the file with us has made it one that does not wait.
            case EAGAIN: waitForRoom(descriptor)
            default: throw .last
            }
        }
    }

    /// Takes the numbers of standard input, output and error where the caller has closed them (`>&-`), so that no file of
    /// ours gets one and is written into. Using them is an error, as it should be.
    static func holdStandardNumbers() {
        for number in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(number, F_GETFD) < 0 {
            // The lowest number that is free is this one.
            _ = open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    private static func waitForRoom(_ descriptor: Int32) {
        var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&request, 1, -1)
    }
}

/// Why the system refused something.
struct SystemError: Error, Equatable, CustomStringConvertible {
    var number: Int32

    /// Of the call before.
    static var last: SystemError { SystemError(number: errno) }

    var description: String { String(cString: strerror(number)) }
}
