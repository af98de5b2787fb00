import Foundation
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// Access lists at a relay of our own sockets: what is refused, counted and said, and lists that change.
@Suite(.serialized, .timeLimit(.minutes(2))) struct AccessListTests {
    /// A file that is gone with the test.
    private struct ListFile: ~Copyable {
        let path = NSTemporaryDirectory() + "access-\(UInt64.random(in: .min ... .max)).yaml"

        init(_ text: String) throws { try write(text) }

        func write(_ text: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    @Test func `a list that changes counts for those who are connected`() async throws {
        let file = try ListFile(
            """
            rules:
              - {address: 127.0.0.0/8, publish: all, subscribe: [a., "sync "]}
            """
        )
        let access = AccessSource.file(try AccessFile(file.path))
        try await RelayLab.run { lab in
            let relay = try await lab.start("relay") { $0.access = access }
            let publisher = try await lab.publisher(at: relay)
            let subscriber = try await lab.subscriber(at: relay, topics: ["a.", "b."])
            try await lab.settle([subscriber], to: [publisher])
            publisher.send(["b.1"])
            publisher.send(["a.1"])
            #expect(try await subscriber.receive()[0].text == "a.1")
            #expect(lab.log.lines.contains { $0.contains("may not subscribe to 'b.'") })
        }
        _ = file.path
    }

    @Test func `a new list ends and begins subscriptions, and a broken one changes nothing`()
        async throws
    {
        let file = try ListFile("default: {publish: all, subscribe: [a., b.]}")
        let path = file.path
        let access = AccessSource.file(try AccessFile(path))
        @Sendable func write(_ text: String) throws {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        try await RelayLab.run { lab in
            let relay = try await lab.start("relay") { $0.access = access }
            let subscriber = try await lab.subscriber(at: relay, topics: ["a.", "c."])
            try await relay.eventually("one refusal") {
                $0.totals.topics == 1 && $0.totals.refusedSubscriptions == 1
            }
            try write("default: {publish: all, subscribe: [c.]")
            try await SocketTestSupport.eventually("a line on the broken file") {
                lab.log.lines.contains { $0.contains("the access list stays as it was") }
            }
            #expect(await relay.status().totals.refusedSubscriptions == 1)
            try write("default: {publish: [c.], subscribe: [c.]}")
            try await relay.eventually("the other refusal") {
                $0.totals.topics == 1 && $0.totals.refusedSubscriptions == 2
            }
            let publisher = try await lab.publisher(at: relay)
            try await publisher.awaitInterest(in: ["c."])
            publisher.send(["c.1"])
            #expect(try await subscriber.receive()[0].text == "c.1")
            #expect(await relay.status().peers.count == 2)
        }
        _ = file.path
    }

    @Test func `what an access file has wrong is said with its line`() throws {
        let file = try ListFile(
            """
            rules:
              - {key: short, publish: all}
              - {subscribe: a}
            """
        )
        let error = #expect(throws: AccessError.self) { _ = try AccessFile(file.path) }
        #expect(error?.path == "\(file.path):2:11")
        #expect(error?.problem.contains("is no public key") == true)
    }

    @Test func `a relay that proves nothing is no child where there is a list`() async throws {
        try await RelayLab.run { lab in
            let root = try await lab.start("root") { $0.access = .list(AccessList()) }
            var seat = RelayConfiguration.Seat(tree: "t", rank: 1)
            seat.parent = .init(root, name: "root")
            _ = try await lab.start("child", [seat])
            try await SocketTestSupport.eventually("a refusal that names the remedy") {
                lab.log.lines.contains { $0.contains("relay: yes") }
            }
            let trusted = try await lab.start("trusted") {
                $0.access = .list(
                    AccessList(rules: [
                        .init(
                            addresses: [AddressBlock("127.0.0.1")].compactMap(\.self),
                            mayBeRelay: true
                        )
                    ])
                )
            }
            seat.parent = .init(trusted, name: "trusted")
            let leaf = try await lab.start("leaf", [seat])
            try await leaf.eventually("a parent") { $0.trees[0].isConnected }
        }
    }
}
