import Glibc
import Testing

@testable import xylem

@Suite(.timeLimit(.minutes(1))) struct ProcessTests {
    @Test func `lines come whole, whatever the reads were`() {
        let text = Array("one\n\ntwo\nthree".utf8)
        for size in 1...text.count {
            var lines = LogLines()
            var found: [String] = []
            for start in stride(from: 0, to: text.count, by: size) {
                found += lines.lines(with: text[start..<min(start + size, text.count)])
            }
            #expect(found + lines.remainder() == ["one", "", "two", "three"])
        }
    }

    @Test func `a line without end is cut`() {
        var lines = LogLines()
        let pieces = (0..<64).flatMap { _ in
            lines.lines(with: Array(repeating: 0x61, count: 1_024)[...])
        }
        #expect(pieces.map(\.count) == Array(repeating: 16 << 10, count: 4))
    }

    @Test func `both outputs and the exit code arrive`() async throws {
        let events = try await events(of: "echo out; echo err >&2; printf last; exit 3")
        #expect(events.output == ["out", "last"])
        #expect(events.diagnostics == ["err"])
        #expect(events.end == .exited(code: 3))
    }

    @Test func `a child inherits no file and no blocked signal`() async throws {
        let ends = try PipeEnds()
        defer {
            close(ends.reading)
            close(ends.writing)
        }
        let events = try await events(
            // The shell blocks signals itself while it waits for a child: ask what takes its place.
            of: "ls /proc/$$/fd; exec grep -E 'SigBlk|SigIgn' /proc/self/status"
        )
        #expect(events.output.prefix { !$0.hasPrefix("Sig") } == ["0", "1", "2"])
        let masks = events.output.filter { $0.hasPrefix("Sig") }.compactMap {
            $0.split(separator: "\t").last.flatMap { UInt64($0, radix: 16) }
        }
        // 32 and 33 are the C library's own.
        #expect(masks.map { $0 & 0x7FFF_FFFF } == [0, 0])
        #expect(events.end == .exited(code: 0))
    }

    @Test func `a child that a signal ended is told from one that exited`() async throws {
        #expect(try await events(of: "kill -TERM $$").end == .killed(signal: SIGTERM))
    }

    @Test func `a child has a process group of its own and can be killed`() async throws {
        let child = try shell("echo ready; sleep 100")
        var end: ProcessEnd?
        for await event in child.events {
            switch event {
            case .output:
                #expect(getpgid(child.pid) == child.pid)
                // The shell's own child holds the pipes too: end the group.
                kill(-child.pid, SIGKILL)
            case .diagnostics: break
            case .ended(let how): end = how
            }
        }
        #expect(end == .killed(signal: SIGKILL))
        child.send(SIGKILL)
    }

    @Test func `a reserved port is for those who ask for it by number`() throws {
        let ports = PortReservation()
        let port = try ports.next()
        #expect(try ports.next() != port)
        #expect(listen(at: port, isShared: false) == EADDRINUSE)
        #expect(listen(at: port, isShared: true) == 0)
        // And again, as a restarted node does.
        #expect(listen(at: port, isShared: true) == 0)
    }

    @Test func `a lifeline carries lines, and ends with its writing end`() async throws {
        var lifeline: Lifeline? = try Lifeline()
        let reading = dup(try #require(lifeline).readEnd)
        lifeline?.say("{\"say\":\"named\"}")
        lifeline?.say(String(repeating: "x", count: 10_000))
        lifeline = nil
        var lines: [String] = []
        for await line in Lifeline.lines(of: reading) { lines.append(line) }
        #expect(lines.map(\.count) == [15, 10_000])
        close(reading)
    }

    private func shell(_ script: String) throws -> ChildProcess {
        let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
        defer { close(null) }
        return try ChildProcess("/bin/sh", arguments: ["sh", "-c", script], standardInput: null)
    }

    private func events(
        of script: String
    ) async throws -> (output: [String], diagnostics: [String], end: ProcessEnd?) {
        var (output, diagnostics, end): ([String], [String], ProcessEnd?) = ([], [], nil)
        for await event in try shell(script).events {
            switch event {
            case .output(let line): output.append(line)
            case .diagnostics(let line): diagnostics.append(line)
            case .ended(let how): end = how
            }
        }
        return (output, diagnostics, end)
    }

    /// 0, or the error number.
    private func listen(at port: UInt16, isShared: Bool) -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var value: Int32 = isShared ? 1 : 0
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &value, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(INADDR_LOOPBACK).bigEndian
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return status == 0 && Glibc.listen(socket, 1) == 0 ? 0 : errno
    }
}
