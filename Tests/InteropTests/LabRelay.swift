import Foundation
import Glibc
import LabTestSupport
import RouterNode
import SocketTestSupport

/// A relay of a plan, as a process of the built command at a host of a lab.
final class LabRelay: Sendable {
    private let lab: NetworkLab
    private let host: String
    private let process = Process()

    /// Starts the node that is named like the host; returns when its status can be asked.
    static func start(
        at host: String,
        of topology: URL,
        _ options: [String] = [],
        in lab: NetworkLab
    ) async throws -> LabRelay {
        let relay = LabRelay(host, in: lab)
        let words = lab.command(
            at: host,
            [xylem, "node", "--plan", topology.path, "--name", host] + options
        )
        relay.process.executableURL = URL(filePath: words[0])
        relay.process.arguments = Array(words.dropFirst())
        relay.process.standardInput = FileHandle.nullDevice
        relay.process.standardOutput = FileHandle.nullDevice
        try relay.process.run()
        try await eventually("a relay at \(host)") { (try? await relay.status()) != nil }
        return relay
    }

    private init(_ host: String, in lab: NetworkLab) {
        self.host = host
        self.lab = lab
    }

    deinit {
        if process.isRunning { _ = kill(process.processIdentifier, SIGKILL) }
    }

    func status() async throws -> NodeStatus {
        let text = try await lab.run(
            """
            python3 -c "
            import urllib.request
            print(urllib.request.urlopen('http://\(lab.address(of: host)):6003/status').read().decode())
            "
            """,
            at: host
        )
        return try JSONDecoder().decode(NodeStatus.self, from: Data(text.utf8))
    }

    /// Beside the test bundle.
    private static let xylem =
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "xylem").path
}
