import Foundation
import SocketTestSupport
import Testing

@testable import LabTestSupport

/// The lab proven on itself: what the tests in it rely on.
@Suite(.needsLab, .sockets, .timeLimit(.minutes(2))) struct NetworkLabTests {
    private struct Broken: Error {}

    private static func namespaces() async throws -> Set<String> {
        let text = try await LabShell.run("PATH=\"$PATH:/usr/sbin:/sbin\" ip netns list")
        return Set(
            text.split(separator: "\n").compactMap {
                $0.split(separator: " ").first.map(String.init)
            }
        )
    }

    /// Sends datagrams to a host's port 9.
    private static func send(
        _ count: Int,
        from host: String,
        to address: String,
        _ lab: NetworkLab
    )
        async throws
    {
        try await lab.run(
            """
            python3 -c "
            import socket
            sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            for _ in range(\(count)): sender.sendto(b'x' * 100, ('\(address)', 9))
            "
            """,
            at: host
        )
    }

    @Test func `a lab is gone after its test, passed or failed`() async throws {
        var made: Set<String> = []
        let before = try await Self.namespaces()
        try await NetworkLab.with(["one", "two"]) { _ in
            made = try await Self.namespaces().subtracting(before)
        }
        #expect(made.count == 3)
        await #expect(throws: Broken.self) {
            try await NetworkLab.with(["one"]) { _ in throw Broken() }
        }
        await #expect(throws: LabShell.Failure.self) {
            try await NetworkLab.with(["one"]) { lab in try await lab.run("exit 3", at: "one") }
        }
        let own = "xylem-test-\(ProcessInfo.processInfo.processIdentifier)-"
        let after = try await Self.namespaces().filter { $0.hasPrefix(own) }
        #expect(after.isDisjoint(with: made))
    }

    @Test func `what a killed run left is removed by the next`() async throws {
        let dead = try await LabShell.run("sh -c 'echo $$'").trimmingCharacters(
            in: .whitespacesAndNewlines
        )
        let path = "PATH=\"$PATH:/usr/sbin:/sbin\" "
        let leftover = "xylem-test-\(dead)-1-switch"
        try await LabShell.run(path + "ip netns add \(leftover)")
        #expect(try await Self.namespaces().contains(leftover))
        try await NetworkLab.with(["one"]) { _ in }
        #expect(try await !Self.namespaces().contains(leftover))
    }

    @Test func `loss is by chance, at one host, and counted`() async throws {
        try await NetworkLab.with(["source", "one", "two"]) { lab in
            for host in ["one", "two"] {
                try await lab.count("udp dport 9", as: "all", at: host)
            }
            try await lab.lose(percent: 20, at: "one")
            for host in ["one", "two"] {
                try await Self.send(1_000, from: "source", to: lab.address(of: host), lab)
            }
            let lost = try await lab.loseNothing(at: "one")
            #expect(lost > 100 && lost < 400)
            for host in ["one", "two"] {
                #expect(try await lab.counted("all", at: host) == 1_000)
            }
            try await lab.lose("udp dport 9", at: "two")
            try await Self.send(100, from: "source", to: lab.address(of: "two"), lab)
            #expect(try await lab.loseNothing(at: "two") == 100)
        }
    }
}
