import Foundation
import Testing

@testable import xylem

/// What a person sees at a terminal of 60 columns.
@Suite(.timeLimit(.minutes(2))) struct TerminalTests {
    private static let hasScript = FileManager.default.isExecutableFile(atPath: "/usr/bin/script")

    @Test(arguments: ["TERM=dumb", "TERM=xterm NO_COLOR=1", "TERM="])
    func `terminals that take no escapes get none`(environment: String) async throws {
        guard let lines = try await Self.up(environment, for: 1) else { return }
        #expect(!lines.contains { $0.contains("\u{1B}") })
        #expect(lines.first == "starting 7 nodes of 'quickstart'")
        #expect(lines.contains { $0.hasPrefix("7 of 7 nodes of 'quickstart' up after") })
        #expect(lines.suffix(2) == ["stopping", "stopped"])
        // No half of an endpoint.
        #expect(lines.count { $0.hasPrefix("  control 127.0.0.1:") } == 7)
    }

    @Test func `a table fits the terminal, and says what it leaves out`() async throws {
        guard let lines = try await Self.up("TERM=xterm NO_COLOR=", for: 3) else { return }
        let shown = lines.map { line in
            line.replacing(/\u{1B}\[[0-9]*[A-Z]\r?/, with: "")
        }
        // The path of the state file is one word.
        #expect(shown.allSatisfy { $0.count <= 60 || !$0.contains(" ") })
        #expect(lines.contains { $0.contains("\u{1B}") })
        #expect(shown.contains { $0.hasPrefix("NODE ") && $0.contains("DROPS") })
        #expect(shown.contains { $0.hasSuffix("(no room for CHILDREN)") })
        #expect(!shown.contains { $0.contains("…") })
    }

    @Test(arguments: [
        "", "plan", "up", "status", "publish", "subscribe", "inspect", "node", "socket", "proxy",
        "keygen", "bench",
    ])
    func `help fits the terminal`(subcommand: String) async throws {
        guard let lines = try await Self.type("\(subcommand) --help", code: 0) else { return }
        #expect(lines.contains { $0.hasPrefix("USAGE: xylem") })
        // An option with the names of its values is one word.
        let usage = lines.drop { !$0.hasPrefix("USAGE: ") }.prefix { !$0.isEmpty }
        #expect(usage.allSatisfy { $0.count <= 60 }, "\(usage)")
    }

    @Test func `usage in an error fits the terminal`() async throws {
        guard let lines = try await Self.type("status --wacht", code: 2) else { return }
        #expect(lines.contains { $0.hasPrefix("       [--") })
        #expect(lines.allSatisfy { $0.count <= 60 }, "\(lines)")
    }

    /// The lines of a command at a terminal of 60 columns; `nil` where there is none to be had.
    private static func type(_ arguments: String, code: Int32) async throws -> [String]? {
        guard hasScript else {
            print("SKIPPED: there is no /usr/bin/script, which makes a terminal")
            return nil
        }
        let command = try RunningCommand(
            program: "/bin/sh",
            [
                "sh", "-c",
                "script -qec \"stty cols 60 rows 24; exec '$1' \(arguments)\" /dev/null", "sh",
                RunningCommand.executable,
            ]
        )
        #expect(try await command.end() == .exited(code: code), "\(command.output)")
        return command.output.map { $0.last == "\r" ? String($0.dropLast()) : $0 }
    }

    /// The lines of an `xylem up` that ends by itself after some seconds; `nil` where there is no terminal to be had.
    private static func up(_ environment: String, for seconds: Int) async throws -> [String]? {
        guard hasScript else {
            print("SKIPPED: there is no /usr/bin/script, which makes a terminal")
            return nil
        }
        let lab = try FleetLab()
        let command = try RunningCommand(
            program: "/bin/sh",
            [
                "sh", "-c",
                """
                env \(environment) script -qec "stty cols 60 rows 24; exec '$1' up '$2' --state '$3' --for \(seconds)s" /dev/null
                """,
                "sh", RunningCommand.executable, FleetLab.quickstart, lab.stateFile.path,
            ]
        )
        #expect(try await command.end() == .exited(code: 0), "\(command.output)")
        return command.output.map { $0.last == "\r" ? String($0.dropLast()) : $0 }
    }
}
