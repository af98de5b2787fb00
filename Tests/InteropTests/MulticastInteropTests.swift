import LabTestSupport
import SocketTestSupport
import Testing

/// PGM with libzmq in network namespaces: both ways, over UDP and as raw IP, with and without loss.
@Suite(.needsPeer, .needsLab, .sockets, .timeLimit(.minutes(5))) struct MulticastInteropTests {
    struct Case: CustomTestStringConvertible {
        var scheme: MulticastScheme
        var publisher: PeerKind
        var receivers: [PeerKind]
        var lossPercent: Double

        var testDescription: String {
            "\(scheme) from \(publisher) to \(receivers), \(lossPercent) % lost at each"
        }

        static let all = MulticastScheme.allCases.flatMap { scheme in
            [0, 5].flatMap { loss in
                [
                    Case(
                        scheme: scheme,
                        publisher: .xylem,
                        receivers: [.libzmq, .libzmq, .xylem],
                        lossPercent: loss
                    ),
                    Case(
                        scheme: scheme,
                        publisher: .libzmq,
                        receivers: [.libzmq, .xylem, .xylem],
                        lossPercent: loss
                    ),
                ]
            }
        }
    }

    /// Sizes that share packets and sizes that need many, messages of one part and of several.
    private static let traffic = [
        "send 200 64 t.", "send 100 1000 t.", "send 40 800 t. 3", "send 20 10000 t.",
        "send 1 1048576 t.",
    ]
    private static let trafficCount = 361

    @Test(arguments: Case.all)
    func `every message reaches three receivers of both kinds`(_ given: Case) async throws {
        let hosts = ["one", "two", "three"]
        try await NetworkLab.with(["source"] + hosts) { lab in
            let setting = MulticastSetting(scheme: given.scheme)
            var receivers: [PeerProcess] = []
            for (host, kind) in zip(hosts, given.receivers) {
                receivers.append(try await lab.subscriber(kind, at: host, setting))
            }
            let publisher = try await lab.publisher(given.publisher, at: "source", setting)
            try await publisher.probe("t.", until: receivers)
            if given.lossPercent > 0 {
                for host in hosts { try await lab.lose(percent: given.lossPercent, at: host) }
            }
            for command in Self.traffic { try publisher.send(command) }
            for (kind, receiver) in zip(given.receivers, receivers) {
                let received = try await receiver.received(Self.trafficCount)
                #expect(received.isComplete(count: Self.trafficCount), "\(kind): \(received)")
            }
            if given.lossPercent > 0 {
                for host in hosts { #expect(try await lab.loseNothing(at: host) > 0) }
            }
            for peer in receivers + [publisher] { await peer.close() }
        }
    }

    /// All of libzmq's publishers have one GSI. Over UDP they share no address here, for a kernel gives a NAK to one
    /// socket of a port only, and libzmq's does not pass it on.
    @Test(arguments: MulticastScheme.allCases)
    func `two libzmq publishers with one GSI are two sources`(scheme: MulticastScheme) async throws
    {
        let sources = scheme == .pgm ? ["source", "source"] : ["source", "second"]
        try await NetworkLab.with(["source", "second", "one", "two"]) { lab in
            var setting = MulticastSetting(scheme: scheme)
            setting.topic = "a."
            let first = try await lab.subscriber(.xylem, at: "one", setting)
            setting.topic = "b."
            let second = try await lab.subscriber(.xylem, at: "two", setting)
            var publishers: [PeerProcess] = []
            for source in sources {
                publishers.append(try await lab.publisher(.libzmq, at: source, setting))
            }
            try await publishers[0].probe("a.", until: [first, second])
            try await publishers[1].probe("b.", until: [first, second])
            for host in ["one", "two"] { try await lab.lose(percent: 5, at: host) }
            for _ in 0..<5 {
                try publishers[0].send("send 100 700 a.")
                try publishers[1].send("send 100 700 b.")
            }
            for receiver in [first, second] {
                let received = try await receiver.received(500)
                #expect(received.isComplete(count: 500), "\(received)")
                _ = try await receiver.report { $0.other == 500 }
            }
            for peer in publishers + [first, second] { await peer.close() }
        }
    }

    @Test(arguments: [(PeerKind.libzmq, PeerKind.xylem), (.xylem, .libzmq)])
    func `a source that crashed and came back is heard from its beginning`(
        publisherKind: PeerKind,
        receiverKind: PeerKind
    ) async throws {
        try await NetworkLab.with(["source", "one"]) { lab in
            let setting = MulticastSetting()
            let receiver = try await lab.subscriber(receiverKind, at: "one", setting)
            for _ in 0..<2 {
                let publisher = try await lab.publisher(publisherKind, at: "source", setting)
                try await publisher.probe("t.", until: [receiver])
                try receiver.send("reset\nreport")
                _ = try await receiver.event("received")
                try publisher.send("send 200 500 t.")
                let received = try await receiver.received(200)
                #expect(received.isComplete(count: 200), "\(received)")
                publisher.kill()
            }
            await receiver.close()
        }
    }

    @Test func `who joins late begins with a whole message and misses none after it`() async throws
    {
        try await NetworkLab.with(["source", "one", "two"]) { lab in
            let setting = MulticastSetting()
            let early = try await lab.subscriber(.xylem, at: "one", setting)
            let publisher = try await lab.publisher(.libzmq, at: "source", setting)
            try await publisher.probe("t.", until: [early])
            // Messages of several packets: most packets begin in the middle of one.
            try publisher.send("send 300 5000 t.")
            let late = try await lab.subscriber(.xylem, at: "two", setting)
            try publisher.send("send 300 5000 t.")
            let whole = try await early.received(600)
            #expect(whole.isComplete(count: 600), "\(whole)")
            try publisher.send("send 50 5000 t.")
            let part = try await late.report { $0.last == 649 }
            #expect(part.missing == 0 && part.inOrder == true && part.damaged == 0, "\(part)")
            for peer in [early, late, publisher] { await peer.close() }
        }
    }
}
