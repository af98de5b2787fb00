import Foundation
import Testing

@testable import xylem

/// What becomes of results when whoever takes them does not: with a message and an exit code, not a signal.
@Suite(.timeLimit(.minutes(2))) struct OutputTests {
    @Test func `a hyphen is standard output`() async throws {
        let lab = try FleetLab()
        let command = try Self.shell(
            "cd \"$1\" && \"$2\" plan \"$3\" -o - && echo \"made: $(ls -A)\"",
            lab
        )
        #expect(try await command.end() == .exited(code: 0))
        #expect(command.output.contains { $0.contains("branch-1") })
        #expect(command.output.last == "made: ")
    }

    @Test(arguments: [
        "plan \"$3\"", "plan \"$3\" --format json", "--help", "plan --help", "--version",
    ])
    func `a full disk is an error`(arguments: String) async throws {
        let lab = try FleetLab()
        let command = try Self.shell("\"$2\" \(arguments) > /dev/full", lab)
        #expect(try await command.end() == .exited(code: 1))
        #expect(
            command.diagnostics == "xylem: cannot write to standard output: No space left on device"
        )
    }

    @Test func `a reader that has gone is an error`() async throws {
        let lab = try FleetLab()
        // The reader is gone before anything is written: the first sleeps until it is.
        let command = try Self.shell(
            "{ sleep 0.2; \"$2\" plan \"$3\"; echo code $? >&2; } | true",
            lab
        )
        #expect(try await command.end() == .exited(code: 0))
        #expect(
            command.diagnostics == """
                xylem: standard output was closed before everything was written
                code 1
                """
        )
    }

    @Test func `closed output is an error, and no file of ours takes its number`() async throws {
        let lab = try FleetLab()
        let command = try Self.shell("\"$2\" plan \"$3\" >&-; echo code $? >&2", lab)
        #expect(try await command.end() == .exited(code: 0))
        #expect(
            command.diagnostics == """
                xylem: cannot write to standard output: Bad file descriptor
                code 1
                """
        )
    }

    @Test func `a disk that fills up leaves the old file`() async throws {
        let lab = try FleetLab()
        let command = try Self.shell(
            """
            unshare --user --map-root-user --mount true || { echo no namespaces; exit 77; }
            unshare --user --map-root-user --mount sh -c '
                mount -t tmpfs -o size=4k none "$1" && cd "$1" && echo old > plan.json
                "$2" plan "$3" --format json -o plan.json; echo code $?; cat plan.json; ls -A
            ' sh "$@"
            """,
            lab
        )
        let end = try await command.end()
        if end == .exited(code: 77) {
            print("SKIPPED: this system gives no user namespaces, so no small file system")
            return
        }
        #expect(command.output == ["code 1", "old", "plan.json"])
        #expect(
            command.diagnostics == "xylem: cannot write plan.json: No space left on device"
        )
    }

    @Test func `where a fleet is, and how it ended, is its result; all else is its log`()
        async throws
    {
        let lab = try FleetLab()
        let command = try RunningCommand([
            "up", FleetLab.quickstart, "--state", lab.stateFile.path, "--for", "1s",
        ])
        #expect(try await command.end() == .exited(code: 0))
        #expect(command.output.first?.hasPrefix("NODE ") == true)
        #expect(command.output.contains { $0.hasPrefix("7 of 7 nodes of 'quickstart' up after") })
        let log = command.diagnostics.split(separator: "\n")
        for line in ["starting 7 nodes of 'quickstart'", "stopping", "stopped"] {
            #expect(log.contains { $0 == line }, "\(log)")
            #expect(!command.output.contains(line))
        }
    }

    @Test func `a version is told`() async throws {
        let command = try RunningCommand(["--version"])
        #expect(try await command.end() == .exited(code: 0))
        #expect(command.output.first?.wholeMatch(of: /xylem \d+\.\d+\.\d+/) != nil)
    }

    /// A script whose `$1` is a folder, `$2` the command, `$3` a topology.
    private static func shell(_ script: String, _ lab: FleetLab) throws -> RunningCommand {
        try RunningCommand(
            program: "/bin/sh",
            [
                "sh", "-c", script, "sh", lab.directory, RunningCommand.executable,
                FleetLab.quickstart,
            ]
        )
    }
}
