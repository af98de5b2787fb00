import Foundation
import LabTestSupport
import SocketTestSupport

/// Whose socket a peer has.
enum PeerKind: String, Sendable {
    case libzmq, xylem

    /// The words that start a peer of this kind, up to its role.
    var command: [String] {
        switch self {
        case .libzmq: PeerProcess.libzmq
        case .xylem: [Self.xylemPeer]
        }
    }

    /// libzmq drops at its marks; ours waits.
    var patience: [String] {
        switch self {
        case .libzmq: ["--sndhwm", "0", "--rcvhwm", "0", "--linger-ms", "5000"]
        case .xylem: []
        }
    }

    /// Beside the test bundle.
    static let xylemPeer =
        URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appending(path: "XylemPeer").path
}

/// PGM over UDP, or as an IP protocol of its own.
enum MulticastScheme: String, CaseIterable, Sendable {
    case epgm, pgm

    func endpoint(_ address: String, group: String = "239.192.1.1", port: Int = 5555) -> String {
        "\(self)://\(address);\(group):\(port)"
    }
}

/// What the peers of one test share; each is as `peer.py --help` says.
struct MulticastSetting: Sendable {
    var scheme = MulticastScheme.epgm
    var group = "239.192.1.1"
    var topic = "t."
    var rate = 100_000
    var recoveryMilliseconds = 10_000
    var more: [String] = []

    var options: [String] {
        ["--rate", "\(rate)", "--recovery-ms", "\(recoveryMilliseconds)", "--topic", topic] + more
    }
}

extension NetworkLab {
    /// A subscriber that has joined.
    func subscriber(
        _ kind: PeerKind,
        at host: String,
        _ setting: MulticastSetting
    ) async throws -> PeerProcess {
        let endpoint = setting.scheme.endpoint(address(of: host), group: setting.group)
        let peer = try PeerProcess(
            command: command(
                at: host,
                kind.command
                    + ["subscriber", "--connect", endpoint, "--subscribe", ""]
                    + kind.patience + setting.options
            )
        )
        _ = try await peer.event("ready")
        return peer
    }

    /// A publisher that is ready to send.
    func publisher(
        _ kind: PeerKind,
        at host: String,
        _ setting: MulticastSetting
    ) async throws -> PeerProcess {
        let endpoint = setting.scheme.endpoint(address(of: host), group: setting.group)
        let peer = try PeerProcess(
            command: command(
                at: host,
                kind.command
                    + ["publisher", "--bind", endpoint]
                    + kind.patience + setting.options
            )
        )
        _ = try await peer.event("ready")
        return peer
    }
}

extension PeerProcess {
    /// Sends probes until every receiver has heard one; from then on no receiver may miss a message.
    func probe(_ topic: String, until receivers: [PeerProcess]) async throws {
        try send("probe \(topic)")
        for receiver in receivers { _ = try await receiver.event("probed") }
        try send("probe-stop")
    }

    /// Waits until that many messages are there, and tells what is.
    func received(_ count: Int) async throws -> PeerEvent {
        try send("expect \(count)")
        do {
            return try await event("received", within: .seconds(40))
        } catch PeerError.timedOut {
            // How far it came says more than that it did not.
            try send("report")
            return try await event("received")
        }
    }

    /// Asks what was received until it is as wanted; gives the last answer, as wanted or not.
    func report(until isWanted: (PeerEvent) -> Bool) async throws -> PeerEvent {
        let deadline = ContinuousClock.now + .seconds(40)
        while true {
            try send("report")
            let received = try await event("received")
            if isWanted(received) || ContinuousClock.now > deadline { return received }
            try await Task.sleep(for: .milliseconds(20))
        }
    }
}
