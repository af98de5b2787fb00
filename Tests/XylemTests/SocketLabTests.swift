import Foundation
import LabTestSupport
import SocketTestSupport
import Testing

/// `xylem socket` at hosts of their own: groups of the network, and names that mean several places, or other ones later.
@Suite(.needsLab, .sockets, .timeLimit(.minutes(2))) struct SocketLabTests {
    @Test(arguments: ["239.192.7.7", "[ff05::7:7]"])
    func `datagrams to a group reach every host, and stay on the segment`(
        group: String
    ) async throws {
        try await NetworkLab.with(["station", "near", "far"]) { lab in
            let hosts = try LabFile("")
            let endpoint = "udp://eth0;\(group):5556"
            let isV4 = !group.hasPrefix("[")
            try await lab.count(
                "\(isV4 ? "ip ttl" : "ip6 hoplimit") 1 udp dport 5556",
                as: "near",
                family: isV4 ? "ip" : "ip6",
                at: "far"
            )
            var dishes: [Command] = []
            for host in lab.hosts {
                let dish = try lab.xylem(
                    at: host,
                    hosts,
                    ["socket", "dish", "--bind", endpoint, "--join", "news", "--count", "2"]
                )
                try await dish.waitForDiagnostics("listening at \(endpoint)")
                dishes.append(dish)
            }
            let lines = try LabFile("old|not asked for\nnews|one\nnews|two\n")
            let radio = try lab.xylem(
                at: "station",
                hosts,
                ["socket", "radio", "--connect", endpoint, "--separator", "|"],
                input: lines.path
            )
            #expect(await radio.end() == 0, "\(radio.diagnostics)")
            for dish in dishes {
                #expect(await dish.end() == 0)
                #expect(dish.output == "news | one\nnews | two\n")
            }
            let family = isV4 ? "ip" : "ip6"
            #expect(try await lab.counted("near", family: family, at: "far") == 3)
        }
    }

    /// RFC 8305: a family that answers nothing costs a quarter of a second, and not the time-out of a connect, which is longer than this test
    /// waits.
    @Test func `a name with both families is reached by the one that answers`() async throws {
        try await NetworkLab.with(["server", "client"]) { lab in
            let hosts = try LabFile(
                "\(lab.address6(of: "server")) both\n\(lab.address(of: "server")) both\n"
            )
            try await lab.lose("meta l4proto tcp", family: "ip6", at: "server")
            let server = try lab.xylem(
                at: "server",
                hosts,
                ["socket", "rep", "--bind", "tcp://*:5555", "--echo", "--count", "1"]
            )
            try await server.waitForDiagnostics("listening")
            let lines = try LabFile("hello\n")
            let client = try lab.xylem(
                at: "client",
                hosts,
                ["socket", "req", "--connect", "tcp://both:5555", "--for", "8s"],
                input: lines.path
            )
            #expect(await client.end() == 0)
            #expect(client.output == "hello\n", "\(client.diagnostics)")
            #expect(await server.end() == 0)
            #expect(try await lab.loseNothing(family: "ip6", at: "server") > 0)
        }
    }

    @Test func `a name is looked up again when its host is gone`() async throws {
        try await NetworkLab.with(["first", "second", "client"]) { lab in
            let hosts = try LabFile("\(lab.address(of: "first")) server\n")
            func push(_ text: String, at host: String) async throws {
                let lines = try LabFile(text + "\n")
                let server = try lab.xylem(
                    at: host,
                    hosts,
                    ["socket", "push", "--bind", "tcp://*:5555"],
                    input: lines.path
                )
                #expect(await server.end() == 0)
            }
            let client = try lab.xylem(
                at: "client",
                hosts,
                ["socket", "pull", "--connect", "tcp://server:5555", "--count", "2"]
            )
            try await push("from the first", at: "first")
            try hosts.write("\(lab.address(of: "second")) server\n")
            try await push("from the second", at: "second")
            #expect(await client.end() == 0)
            #expect(client.output == "from the first\nfrom the second\n")
        }
    }
}

/// A file of a test, at `/etc/hosts` of a command or its standard input.
private final class LabFile: Sendable {
    let path: String

    init(_ text: String) throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "xylem-hosts-\(UUID().uuidString)").path
        try write(text)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// In place, since it is mounted.
    func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path))
    }
}

extension NetworkLab {
    /// `xylem` at a host whose names are those of the file.
    fileprivate func xylem(
        at host: String,
        _ hosts: LabFile,
        _ arguments: [String],
        input: String = "/dev/null"
    ) throws -> Command {
        let mount = #"mount --bind "$0" /etc/hosts && exec "$@""#
        let words =
            ["unshare", "-m", "sh", "-c", mount, hosts.path, Command.executable] + arguments
        return try Command(input: input, running: command(at: host, words))
    }
}
