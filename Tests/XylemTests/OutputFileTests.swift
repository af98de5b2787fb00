import Foundation
import Glibc
import Testing

@testable import xylem

/// Files that a user names for us to write: what becomes of what was there.
@Suite(.timeLimit(.minutes(1))) final class OutputFileTests {
    private let folder =
        FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path

    init() throws {
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test func `a file is replaced, and keeps its mode`() throws {
        let path = try make("plan.json", "old", mode: 0o640)
        let before = try #require(status(path))
        try OutputFile.write("new", to: path)
        #expect(try contents(path) == "new")
        let after = try #require(status(path))
        #expect(after.st_mode == before.st_mode)
        #expect(after.st_ino != before.st_ino, "it was written over, not replaced")
        #expect(try names() == ["plan.json"])
    }

    @Test func `a new file has the mode that the user's mask says`() throws {
        let mask = umask(0)
        umask(mask)
        try OutputFile.write("new", to: folder + "/new")
        #expect(try #require(status(folder + "/new")).st_mode & 0o777 == 0o666 & ~mask)
    }

    @Test(arguments: [true, false]) func `a link stays, and what it leads to is replaced`(
        exists: Bool
    ) throws {
        try FileManager.default.createDirectory(
            atPath: folder + "/below",
            withIntermediateDirectories: true
        )
        if exists { _ = try make("below/target", "old") }
        // Two steps, each from its own folder.
        #expect(symlink("second", folder + "/first") == 0)
        #expect(symlink("below/target", folder + "/second") == 0)
        try OutputFile.write("new", to: folder + "/first")
        #expect(try contents(folder + "/below/target") == "new")
        for link in ["first", "second"] {
            #expect(try #require(linkStatus(folder + "/" + link)).st_mode & S_IFMT == S_IFLNK)
        }
    }

    @Test func `a FIFO is written through`() async throws {
        let path = folder + "/fifo"
        #expect(mkfifo(path, 0o600) == 0)
        let reader = Task.detached {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            var (text, chunk) = ([UInt8](), [UInt8](repeating: 0, count: 64))
            while case let count = read(descriptor, &chunk, chunk.count), count > 0 {
                text += chunk[..<count]
            }
            return String(decoding: text, as: UTF8.self)
        }
        try OutputFile.write("through", to: path)
        #expect(await reader.value == "through")
        #expect(try #require(linkStatus(path)).st_mode & S_IFMT == S_IFIFO)
    }

    @Test func `a device without room is an error, and stays a device`() throws {
        let error = #expect(throws: CommandError.self) {
            try OutputFile.write("x", to: "/dev/full")
        }
        #expect(error?.code == .failure)
        #expect(error?.message == "cannot write /dev/full: No space left on device")
        #expect(try #require(linkStatus("/dev/full")).st_mode & S_IFMT == S_IFCHR)
    }

    @Test func `an open file goes on where it is`() throws {
        let path = try make("log", "")
        let descriptor = open(path, O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        _ = Glibc.write(descriptor, "one ", 4)
        try OutputFile.write("two", to: "/dev/fd/\(descriptor)")
        _ = Glibc.write(descriptor, " three", 6)
        #expect(try contents(path) == "one two three")
    }

    @Test func `nothing is left of a file that was not finished, and the old one stays`() throws {
        let path = try make("plan.json", "old")
        do {
            let file = try OutputFile(path)
            try file.write(Array("new".utf8))
        }
        #expect(try contents(path) == "old")
        #expect(try names() == ["plan.json"])
    }

    @Test func `a growing file can be read before its end`() throws {
        let file = try OutputFile(folder + "/live", isGrowing: true)
        try file.write(Array("one".utf8))
        #expect(try contents(folder + "/live") == "one")
        try file.finish()
    }

    @Test func `a folder and a folder that is not there are refused`() throws {
        for (path, reason) in [
            (folder, "Is a directory"), (folder + "/no/file", "No such file or directory"),
        ] {
            let error = #expect(throws: CommandError.self) { try OutputFile.write("x", to: path) }
            #expect(error == .badInput("cannot write \(path): \(reason)"))
        }
    }

    @Test func `a state file must be a regular one, and a link means what it leads to`() throws {
        for path in ["-", "/dev/null"] {
            let error = #expect(throws: CommandError.self) { try FleetStateFile(named: path) }
            #expect(error?.code == .badInput)
            #expect(error?.message.contains("regular file") == true)
        }
        #expect(symlink("real.json", folder + "/link.json") == 0)
        let file = try FleetStateFile(named: folder + "/link.json")
        #expect(file.path == folder + "/real.json")
    }

    // MARK: -

    private func make(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
        let path = "\(folder)/\(name)"
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(chmod(path, mode) == 0)
        return path
    }

    private func contents(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder)
    }

    private func status(_ path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }

    private func linkStatus(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }
}
