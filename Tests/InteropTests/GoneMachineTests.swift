import LabTestSupport
import SocketTestSupport
import Testing

/// Machines that are gone without a FIN, and processes that merely stand still.
@Suite(.needsPeer, .needsLab, .sockets, .serialized, .timeLimit(.minutes(5)))
struct GoneMachineTests {
    /// A peer of ours with short heartbeats, at host "here".
    private static func ours(_ lab: NetworkLab, _ options: [String]) throws -> PeerProcess {
        let words = [PeerKind.xylemPeer] + options + ["--heartbeat-ms", "200"]
        return try PeerProcess(command: lab.command(at: "here", words))
    }

    private static func libzmq(_ lab: NetworkLab, _ options: [String]) throws -> PeerProcess {
        try PeerProcess(command: lab.command(at: "there", PeerProcess.libzmq + options))
    }

    /// A publisher of ours and a subscriber of libzmq that hears it.
    private static func ourPublisher(
        _ lab: NetworkLab
    ) async throws -> (publisher: PeerProcess, subscriber: PeerProcess) {
        let publisher = try ours(lab, ["publisher", "--bind", "tcp://0.0.0.0:5555"])
        _ = try await publisher.event("bound")
        let endpoint = "tcp://\(lab.address(of: "here")):5555"
        let subscriber = try libzmq(
            lab,
            ["subscriber", "--connect", endpoint, "--subscribe", "a", "--topic", "a"]
        )
        try publisher.send("probe a")
        _ = try await subscriber.event("probed")
        return (publisher, subscriber)
    }

    /// Waits for an event of the monitor of ours.
    private static func monitor(_ peer: PeerProcess, says text: String) async throws {
        while try await peer.event("monitor").message?.contains(text) != true {}
    }

    @Test func `a subscriber notices that the publisher's machine is gone, and comes back`()
        async throws
    {
        try await NetworkLab.with(["here", "there"]) { lab in
            let publisher = try Self.libzmq(lab, ["xpublisher", "--bind", "tcp://0.0.0.0:5555"])
            _ = try await publisher.event("bound")
            let endpoint = "tcp://\(lab.address(of: "there")):5555"
            let subscriber = try Self.ours(
                lab,
                ["subscriber", "--connect", endpoint, "--subscribe", "a", "--topic", "a"]
            )
            #expect(try await publisher.event("subscribed").topic == "a")
            // From now on nothing of what arrives is acknowledged.
            try await lab.lose("meta l4proto tcp", at: "there")
            try await Self.monitor(subscriber, says: "went silent")
            try await lab.loseNothing(at: "there")
            try await Self.monitor(subscriber, says: "is an XPUB")
            try publisher.send("probe a")
            _ = try await subscriber.event("probed")
            await subscriber.close()
            await publisher.close()
        }
    }

    @Test func `a publisher notices that a subscriber's machine is gone`() async throws {
        try await NetworkLab.with(["here", "there"]) { lab in
            let (publisher, subscriber) = try await Self.ourPublisher(lab)
            try await lab.lose("meta l4proto tcp", at: "there")
            try await Self.monitor(publisher, says: "went silent")
            await publisher.close()
            await subscriber.close()
        }
    }

    // A libzmq subscriber whose application reads nothing stops answering PINGs as well.
    @Test func `a subscriber that stands still is kept, and loses nothing of what waits for it`()
        async throws
    {
        try await NetworkLab.with(["here", "there"]) { lab in
            let (publisher, subscriber) = try await Self.ourPublisher(lab)
            try publisher.send("probe-stop")
            subscriber.freeze()
            try publisher.send("send 1000 64 a")
            _ = try await publisher.event("sent")
            // Many times the silence that ends other connections.
            try await Task.sleep(for: .seconds(3))
            subscriber.wake()
            try subscriber.send("expect 1000")
            #expect(try await subscriber.event("received").isComplete(count: 1_000))
            await subscriber.close()
            await publisher.close()
        }
    }
}
