import LabTestSupport
import SocketTestSupport
import Testing

/// What libzmq's PGM cannot do, and ours must: hosts of their own, but no libzmq.
@Suite(.needsLab, .sockets, .timeLimit(.minutes(5))) struct MulticastLabTests {
    @Test(arguments: MulticastScheme.allCases)
    func `a publisher is heard on its own host and elsewhere`(scheme: MulticastScheme) async throws
    {
        try await NetworkLab.with(["source", "one"]) { lab in
            var setting = MulticastSetting(scheme: scheme)
            setting.more = ["--loop"]
            let receivers = [
                try await lab.subscriber(.xylem, at: "source", setting),
                try await lab.subscriber(.xylem, at: "source", setting),
                try await lab.subscriber(.xylem, at: "one", setting),
            ]
            let publisher = try await lab.publisher(.xylem, at: "source", setting)
            try await publisher.probe("t.", until: receivers)
            for host in ["source", "one"] { try await lab.lose(percent: 5, at: host) }
            try publisher.send("send 500 500 t.")
            for receiver in receivers {
                let received = try await receiver.received(500)
                #expect(received.isComplete(count: 500), "\(received)")
            }
            for peer in receivers + [publisher] { await peer.close() }
        }
    }

    /// libzmq#2056: there, whoever listens on the port gets every group that anybody on the host has joined.
    @Test(arguments: MulticastScheme.allCases)
    func `only the joined group is delivered`(scheme: MulticastScheme) async throws {
        try await NetworkLab.with(["source", "one"]) { lab in
            let wanted = MulticastSetting(scheme: scheme, group: "239.192.1.1")
            let other = MulticastSetting(scheme: scheme, group: "239.192.1.2")
            let receiver = try await lab.subscriber(.xylem, at: "one", wanted)
            let neighbour = try await lab.subscriber(.xylem, at: "one", other)
            let publisher = try await lab.publisher(.xylem, at: "source", wanted)
            let stranger = try await lab.publisher(.xylem, at: "source", other)
            try await publisher.probe("t.", until: [receiver])
            try await stranger.probe("t.", until: [neighbour])
            try stranger.send("send 100 64 t.")
            #expect(try await neighbour.received(100).isComplete(count: 100))
            try publisher.send("send 10 64 t.")
            let received = try await receiver.received(10)
            #expect(received.isComplete(count: 10) && received.other == 0, "\(received)")
            for peer in [receiver, neighbour, publisher, stranger] { await peer.close() }
        }
    }

    @Test(arguments: MulticastScheme.allCases)
    func `hostile packets disturb nobody`(scheme: MulticastScheme) async throws {
        try await NetworkLab.with(["source", "one", "enemy"]) { lab in
            let setting = MulticastSetting(scheme: scheme, rate: 20_000)
            let receiver = try await lab.subscriber(.xylem, at: "one", setting)
            let publisher = try await lab.publisher(.xylem, at: "source", setting)
            try await publisher.probe("t.", until: [receiver])
            let enemy = try PeerProcess(
                command: lab.command(
                    at: "enemy",
                    [
                        PeerAvailability.interpreter, PeerProcess.peers + "/hostile.py",
                        "\(scheme)",
                        lab.address(of: "enemy"), setting.group, "5555",
                        lab.address(of: "source"), "7",
                    ]
                )
            )
            // It listens first, to forge packets in the publisher's name.
            _ = try await enemy.event("ready")
            for _ in 0..<20 { try publisher.send("send 50 1500 t.") }
            let sent = try await enemy.event("sent", within: .seconds(60))
            #expect((sent.count ?? 0) > 1_000)
            let received = try await receiver.received(1_000)
            #expect(received.isComplete(count: 1_000) && received.other == 0, "\(received)")
            #expect(receiver.isRunning && publisher.isRunning)
            for peer in [receiver, publisher, enemy] { await peer.close() }
        }
    }
}
