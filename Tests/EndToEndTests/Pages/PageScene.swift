import Foundation
import Glibc
import SocketTestSupport
import Synchronization
import Testing

@testable import xylem

/// A folder in which the commands of one page are typed one after the other, as a reader would who follows the page:
/// what a command starts and leaves running is there for the next ones, and ends with the page.
///
/// `xylem` and `tools/xylem` are the command of this build; everything else is what lies in the repository.
final class PageScene: Sendable {
    let folder: URL
    let root: URL
    private let running = Mutex<[(PageCommand, RunningCommand)]>([])

    init(root: URL) throws {
        self.root = root
        folder = FileManager.default.temporaryDirectory
            .appending(path: "xylem-page-\(UUID().uuidString.prefix(8))")
        let files = FileManager.default
        for name in ["bin", "tools", "run"] {
            try files.createDirectory(
                at: folder.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        for name in ["topologies", "docs", "Tests", "Sources"] {
            try files.createSymbolicLink(
                at: folder.appending(path: name),
                withDestinationURL: root.appending(path: name)
            )
        }
        for name in try files.contentsOfDirectory(atPath: root.appending(path: "tools").path)
        where name != "xylem" {
            try files.createSymbolicLink(
                at: folder.appending(path: "tools/\(name)"),
                withDestinationURL: root.appending(path: "tools/\(name)")
            )
        }
        let script = "#!/bin/sh\nexec '\(RunningCommand.executable)' \"$@\"\n"
        for path in ["bin/xylem", "tools/xylem"] { try write(script, to: path) }
        // Whoever runs these tests as root has no need of sudo.
        try write("#!/bin/sh\nexec \"$@\"\n", to: "bin/sudo")
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }

    private func write(_ script: String, to path: String) throws {
        let file = folder.appending(path: path)
        try script.write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }

    private func start(_ text: String) throws -> RunningCommand {
        try RunningCommand(
            program: "/usr/bin/env",
            [
                "env", "-C", folder.path, "PATH=\(folder.path)/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "XDG_RUNTIME_DIR=\(folder.path)/run", "NO_COLOR=1", "bash", "-c", text,
            ]
        )
    }

    /// Types a command that ends by itself; its exit code must be 0.
    func type(_ command: PageCommand, as text: String) async throws -> RunningCommand {
        let process = try start(text)
        let end = try await process.end(.seconds(120))
        #expect(
            end == .exited(code: 0),
            "\(command)\n\(process.output.joined(separator: "\n"))\n\(process.diagnostics)"
        )
        return process
    }

    /// Types a command that names a file the reader has and we have not: all else about it must be right.
    func typeWithoutFile(_ command: PageCommand, as text: String) async throws {
        let process = try start(text)
        let end = try await process.end(.seconds(60))
        let said = process.diagnostics
        #expect(end == .exited(code: 2), "\(command)\n\(said)")
        #expect(
            said.contains("no such file") || said.contains("No such file")
                || said.contains("does not exist") || said.contains("cannot be read"),
            "\(command) failed for another reason than its file:\n\(said)"
        )
    }

    /// Types a command that runs until Ctrl-C, and leaves it running.
    func leaveRunning(_ command: PageCommand, as text: String) async throws {
        let process = try start("exec \(text.hasSuffix(" &") ? String(text.dropLast(2)) : text)")
        running.withLock { $0.append((command, process)) }
        if text.contains(" up ") {
            // The fleet is what the next commands want.
            try await eventually("fleet of \(command)", .seconds(60)) {
                try await self.isFleetUp()
            }
        } else {
            try await Task.sleep(for: .seconds(1))
        }
        #expect(
            FleetLab.isRunning(process.pid),
            "\(command) has ended: \(process.diagnostics)"
        )
    }

    private func isFleetUp() async throws -> Bool {
        let status = try start("xylem status")
        return try await status.end() == .exited(code: 0)
    }

    /// The end of the page: Ctrl-C to all that runs, the last first; each must end in order.
    func end() async throws {
        for (command, process) in running.withLock({ $0 }).reversed() {
            process.send(SIGINT)
            let end = try await process.end(.seconds(60))
            // What has nothing to put in order simply dies.
            #expect(
                end == .exited(code: 0) || end == .killed(signal: SIGINT),
                "\(command) after Ctrl-C: \(end) \(process.diagnostics)"
            )
        }
        running.withLock { $0 = [] }
    }
}
