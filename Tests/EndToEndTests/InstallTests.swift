import Foundation
import Glibc
import SocketTestSupport
import Testing

@testable import xylem

/// What `tools/install` puts in place runs on a host that has no Swift: here in an empty root, into which only the program and
/// the C libraries that it names are copied.
@Suite(.serialized, .timeLimit(.minutes(15)), .whole("installing into an empty root"))
struct InstallTests {
    @Test func `the installed program runs a fleet where there is no Swift`() async throws {
        guard geteuid() == 0 else {
            print("SKIPPED: an empty root needs root")
            return
        }
        let root = FileManager.default.temporaryDirectory
            .appending(path: "xylem-root-\(UUID().uuidString.prefix(8))")
        defer { try? FileManager.default.removeItem(at: root) }
        for name in ["proc", "tmp", "dev", "etc"] {
            try FileManager.default.createDirectory(
                at: root.appending(path: name),
                withIntermediateDirectories: true
            )
        }
        let install = try RunningCommand(
            program: "/usr/bin/env",
            [
                "env", "XYLEM_IGNORE_LOCK=1", FleetLab.root.appending(path: "tools/install").path,
                "--prefix",
                root.appending(path: "usr").path,
            ]
        )
        let end = try await install.end(.seconds(780))
        try #require(end == .exited(code: 0), "\(install.diagnostics)")
        let licences = root.appending(path: "usr/share/doc/xylem/licences").path
        let names = try FileManager.default.contentsOfDirectory(atPath: licences)
        for name in ["swift-nio-", "Yams-", "swift-runtime-"] {
            #expect(names.contains { $0.hasPrefix(name) }, "no licence of \(name)")
        }
        #expect(install.output.contains { $0.hasPrefix("a host that runs it needs: ") })

        try await Self.shell(Self.copyLibraries, root.path)
        try FileManager.default.copyItem(
            atPath: FleetLab.quickstart,
            toPath: root.appending(path: "quickstart.yaml").path
        )
        // The mounts are gone with the command's own mount namespace.
        let demo = try await Self.shell(
            """
            mount -t proc proc "$1/proc" && touch "$1/dev/null" && mount --bind /dev/null "$1/dev/null" &&
            exec chroot "$1" /usr/bin/xylem up /quickstart.yaml --demo --format json
            """,
            root.path,
            in: ["unshare", "--mount", "--propagation", "private"]
        )
        #expect(!demo.output.isEmpty)
        let version = try await Self.shell("exec chroot \"$1\" /usr/bin/xylem --version", root.path)
        #expect(!version.output.isEmpty)
    }

    /// Every library the program names, and the loader, at the same paths.
    private static let copyLibraries = """
        set -e
        for library in $(ldd "$1/usr/bin/xylem" | grep -o '/[^ ]*'); do
            case "$library" in *swift*) echo "$library is Swift's" >&2; exit 1 ;; esac
            mkdir -p "$1$(dirname "$library")"
            cp --dereference "$library" "$1$library"
        done
        """

    @discardableResult
    private static func shell(
        _ script: String,
        _ argument: String,
        in wrapper: [String] = []
    ) async throws -> RunningCommand {
        let command = try RunningCommand(
            program: "/usr/bin/env",
            ["env"] + wrapper + ["bash", "-c", script, "bash", argument]
        )
        let end = try await command.end(.seconds(120))
        #expect(
            end == .exited(code: 0),
            "\(command.output.joined(separator: "\n"))\n\(command.diagnostics)"
        )
        return command
    }
}
