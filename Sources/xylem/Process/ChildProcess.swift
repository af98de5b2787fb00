import Foundation
import Glibc
import Synchronization

/// A process we started: what it prints, line by line, and how it ended.
///
/// It gets a process group of its own, so that Ctrl-C at the terminal reaches only us, who then stop it in order.
final class ChildProcess: Sendable {
    enum Event: Sendable {
        /// A line of its standard output.
        case output(String)
        /// A line of its standard error.
        case diagnostics(String)
        /// The last event.
        case ended(ProcessEnd)
    }

    let pid: pid_t
    /// To be read by one task.
    let events: AsyncStream<Event>
    private let isGone = Mutex(false)

    /// Starts it. The first argument is the name the process is shown with; `standardInput` is a file it may read, and
    /// it inherits no other. Longer lines than `lineByteCountMax` come in pieces.
    init(
        _ executable: String,
        arguments: [String],
        standardInput: Int32,
        lineByteCountMax: Int = 16 << 10
    ) throws(CommandError) {
        let (output, diagnostics) = (try PipeEnds(), try PipeEnds())
        defer {
            close(output.writing)
            close(diagnostics.writing)
        }
        let files = [
            standardInput: STDIN_FILENO, output.writing: STDOUT_FILENO,
            diagnostics.writing: STDERR_FILENO,
        ]
        do {
            pid = try Self.spawn(executable, arguments, files: files)
        } catch {
            close(output.reading)
            close(diagnostics.reading)
            throw error
        }
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        self.events = events
        // A thread per process: Dispatch's sources may miss the end of a pipe that follows its last line closely.
        let thread = Thread { [self] in
            let lines = LogLines(lineByteCountMax: lineByteCountMax)
            Self.forEachLine(of: output.reading, diagnostics.reading, lines) {
                continuation.yield($0)
            }
            continuation.yield(.ended(reap()))
            continuation.finish()
        }
        thread.stackSize = Self.stackByteCount
        thread.start()
    }

    /// Sends a signal unless the process has ended, for then its number may be somebody else's.
    func send(_ signal: Int32) {
        isGone.withLock { isGone in
            if !isGone { kill(pid, signal) }
        }
    }

    /// Reads two pipes until both have ended: the process has, too, or is about to.
    private static func forEachLine(
        of output: Int32,
        _ diagnostics: Int32,
        _ lines: LogLines,
        _ body: (Event) -> Void
    ) {
        var pipes = [output, diagnostics].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var splitters = [lines, lines]
        var chunk = [UInt8](repeating: 0, count: 4_096)
        func tell(_ lines: [String], _ index: Int) {
            for line in lines { body(index == 0 ? .output(line) : .diagnostics(line)) }
        }
        while pipes.contains(where: { $0.fd >= 0 }) {
            guard poll(&pipes, nfds_t(pipes.count), -1) > 0 else { continue }
            for index in pipes.indices where pipes[index].revents != 0 {
                let count = read(pipes[index].fd, &chunk, chunk.count)
                if count > 0 {
                    tell(splitters[index].lines(with: chunk[..<count]), index)
                } else if count == 0 || errno != EINTR {
                    tell(splitters[index].remainder(), index)
                    close(pipes[index].fd)
                    pipes[index].fd = -1
                }
            }
        }
    }

    private func reap() -> ProcessEnd {
        // Waits without reaping first: until the lock is held, the number must stay ours.
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        return isGone.withLock { isGone in
            isGone = true
            var status: Int32 = 0
            waitpid(pid, &status, 0)
            return ProcessEnd(status: status)
        }
    }

    /// The thread calls nothing deep.
    private static let stackByteCount = 256 << 10

    private static func spawn(
        _ executable: String,
        _ arguments: [String],
        files: [Int32: Int32]
    ) throws(CommandError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (ours, theirs) in files { posix_spawn_file_actions_adddup2(&actions, ours, theirs) }
        for descriptor in inheritableDescriptors {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Dispatch blocks the signals it watches, and a shell may have let us ignore some: nothing of that is passed on.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let status = posix_spawn(&pid, executable, &actions, &attributes, &words, environ)
        guard status == 0 else {
            throw .failure("cannot start \(executable): \(String(cString: strerror(status)))")
        }
        return pid
    }
}

extension ChildProcess {
    /// What a child would get beyond its three files: not every library marks its sockets as closed on exec.
    private static var inheritableDescriptors: [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
        return names.compactMap { Int32($0) }.filter { descriptor in
            let flags = fcntl(descriptor, F_GETFD)
            return descriptor > STDERR_FILENO && flags >= 0 && flags & FD_CLOEXEC == 0
        }
    }
}

/// How a process ended.
enum ProcessEnd: Equatable, Sendable, CustomStringConvertible {
    case exited(code: Int32)
    case killed(signal: Int32)

    /// From what `waitpid` gives.
    init(status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(code: (status >> 8) & 0xFF) : .killed(signal: signal)
    }

    var description: String {
        switch self {
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal): "was killed by signal \(signal)"
        }
    }
}
