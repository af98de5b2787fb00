import NIOCore
import SocketTestSupport
import Testing
import Transports

@testable import RouterNode

/// What an operator reads at the default level: enough, and never too much.
@Suite(.serialized) struct RelayLogTests {
    private static let one = PlanIdentity(id: "1111111111111111", epoch: 1)
    private static let two = PlanIdentity(id: "2222222222222222", epoch: 2)

    private static func notices(_ lab: RelayLab, of relay: String) -> [String] {
        lab.log.lines.filter { $0.hasPrefix("\(relay) notice") }
    }

    @Test func `two plans are not joined, and each side says so once`() async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root") { $0.planIdentity = Self.one }
            let child = try await lab.start(
                "child",
                [.init(tree: "t", rank: 1, parent: .init(root, name: "root"))]
            ) { $0.planIdentity = Self.two }
            try await eventually("many attempts") {
                lab.log.lines.count { $0.hasPrefix("child info") && $0.contains("trying again") }
                    > 20
            }
            for name in ["root", "child"] {
                let lines = Self.notices(lab, of: name)
                #expect(lines.count == 1, "\(lines)")
                #expect(lines.first?.contains("111111111111 (epoch 1)") == true)
                #expect(lines.first?.contains("222222222222 (epoch 2)") == true)
            }
            let status = await child.status()
            #expect(status.plan == .init(id: Self.two.id, epoch: 2))
            #expect(status.trees[0].isConnected == false)
            #expect(status.trees[0].problem?.contains("111111111111") == true)
            #expect(await root.status().totals.children == 0)
        }
    }

    @Test(
        arguments: [RelayLogTests.one, nil] as [PlanIdentity?],
        [PlanIdentity(id: RelayLogTests.one.id, epoch: 5), nil] as [PlanIdentity?]
    )
    func `one plan is joined whatever its epoch, and so is who has none`(
        ofRoot: PlanIdentity?,
        ofChild: PlanIdentity?
    ) async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root") { $0.planIdentity = ofRoot }
            let child = try await lab.start(
                "child",
                [.init(tree: "t", rank: 1, parent: .init(root, name: "root"))]
            ) { $0.planIdentity = ofChild }
            try await child.eventually("parent") { $0.trees[0].isConnected }
            try await root.eventually("child") { $0.totals.children == 1 }
            #expect(await child.status().trees[0].problem == nil)
        }
    }

    @Test func `a missing parent is said once, and that it is back`() async throws {
        try await RelayLab.run { lab in
            let place = (RelayLab.freeAddress(), RelayLab.freeAddress())
            let child = try await lab.start(
                "child",
                [
                    .init(
                        tree: "t",
                        rank: 1,
                        parent: .init(
                            name: "root",
                            publishersEndpoint: place.0,
                            subscribersEndpoint: place.1
                        )
                    )
                ]
            )
            try await eventually("word of the absence") {
                lab.log.contains("child notice: the parent 'root' of tree 't' is not there: ")
            }
            #expect(await child.status().trees[0].problem?.contains("refused") == true)
            let root = try await lab.start("root", at: place)
            try await eventually("word of the return") {
                lab.log.contains("child notice: the parent 'root' of tree 't' is back after ")
            }
            await root.stop()
            try await eventually("word of the loss") {
                lab.log.contains("child notice: lost the parent 'root' of tree 't': ")
            }
            #expect(Self.notices(lab, of: "child").count == 3)
        }
    }

    @Test func `junk clients have ten lines, and the rest is counted`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("lone")
            let place = try #require(relay.endpoints).publishers
            for _ in 0..<25 {
                let peer = try await RawPeer.connect(to: place)
                try await peer.send(Array("GET / HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
                try await peer.closed()
            }
            try await eventually("all of them in the log") {
                lab.log.lines.count { $0.contains("disconnected: ") } == 25
            }
            #expect(Self.notices(lab, of: "lone").count == 10)
            await relay.stop()
            #expect(
                Self.notices(lab, of: "lone").last?.hasSuffix(
                    "15 more in the last minute: peers whose handshake failed"
                ) == true
            )
        }
    }

    @Test func `each kind of multicast's troubles has ten lines, and the rest is counted`() throws {
        let recorded = RecordedLog()
        let log = RelayLog(
            recorded.logger("lone"),
            home: SharedEventLoops.group.next()
        )
        let endpoint = try Endpoint("epgm://lo;239.192.1.1:5555")
        for number in 1...25 {
            log.write(.multicast(endpoint, .refused(packetCount: number, reason: "junk")))
        }
        log.write(.multicast(endpoint, .closed(reason: "no such device")))
        func notices() -> [String] { recorded.lines.filter { $0.hasPrefix("lone notice") } }
        #expect(notices().count == 11)
        #expect(recorded.lines.count == 26)
        #expect(notices().last?.contains("multicast ended: no such device") == true)
        log.finish()
        #expect(
            notices().last
                == "lone notice: 15 more in the last minute: reports of multicast packets that were refused"
        )
    }
}
