import Glibc
import Foundation
import SocketTestSupport
import Testing
import Transports
import ZeroMQ

/// Several endpoints per socket, and the end of some of them.
@Suite(.sockets, .timeLimit(.minutes(5))) struct EndpointLifeTests {
    @Test func `a publisher binds several and connects several`() async throws {
        let publisher = Publisher()
        var subscribers: [Subscriber] = []
        for binding in ["tcp://127.0.0.1:*", "tcp://127.0.0.1:*", "ipc://*", "inproc://several"] {
            let endpoint = try await publisher.bind(binding).description
            let connecting = Subscriber()
            try await connecting.connect(endpoint)
            let bound = Subscriber()
            let own = binding.hasPrefix("inproc") ? "inproc://several-back" : binding
            try await publisher.connect(try await bound.bind(own).description)
            subscribers += [connecting, bound]
        }
        for subscriber in subscribers {
            try await subscriber.subscribe(to: "")
            try await subscriber.attach(to: publisher, topic: "t")
        }
        #expect(await publisher.subscriberCount() == 8)
        publisher.send(["t", "to all"])
        for subscriber in subscribers {
            try await within("message to all") {
                while try await subscriber.receive()[1].text != "to all" {}
            }
            try await subscriber.closeInTime()
        }
        try await publisher.closeInTime()
    }

    @Test func `a subscriber hears several publishers`() async throws {
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "")
        var publishers: [XPublisher] = []
        for _ in 0..<4 {
            let publisher = XPublisher()
            try await subscriber.connect(try await publisher.bind("tcp://127.0.0.1:*").description)
            try await publisher.awaitSubscription("")
            publishers.append(publisher)
        }
        for (number, publisher) in publishers.enumerated() { publisher.send(Message("\(number)")) }
        #expect(try await subscriber.receiveTexts(4).sorted() == ["0", "1", "2", "3"])
        try await subscriber.closeInTime()
        for publisher in publishers { try await publisher.closeInTime() }
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "ipc://*", "inproc://unbind"])
    func `unbind keeps connections and frees the address`(binding: String) async throws {
        let publisher = XPublisher()
        let subscriber = Subscriber()
        let endpoint = try await publisher.bind(binding).description
        try await subscriber.connect(endpoint)
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        try await publisher.unbind(endpoint)
        publisher.send("still here")
        #expect(try await subscriber.receiveTexts(1) == ["still here"])
        let heir = XPublisher()
        try await heir.bind(endpoint)
        await #expect(throws: ZeroMQError.self) { try await publisher.unbind(endpoint) }
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
        try await heir.closeInTime()
    }

    @Test func `disconnect ends one connection and dials no more`() async throws {
        let publishers = [XPublisher(), XPublisher()]
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "")
        var endpoints: [String] = []
        for publisher in publishers {
            let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
            try await subscriber.connect(endpoint)
            try await publisher.awaitSubscription("")
            endpoints.append(endpoint)
        }
        try await subscriber.disconnect(endpoints[0])
        try await publishers[0].awaitCancellation("")
        publishers[0].send("lost")
        publishers[1].send("kept")
        #expect(try await subscriber.receiveTexts(1) == ["kept"])
        let error = await #expect(throws: ZeroMQError.self) {
            try await subscriber.disconnect(endpoints[0])
        }
        #expect(error?.code == .notFound)
        // And again: a new connect is a new connection.
        try await subscriber.connect(endpoints[0])
        try await publishers[0].awaitSubscription("")
        for socket in publishers { try await socket.closeInTime() }
        try await subscriber.closeInTime()
    }

    @Test func `connecting twice to one endpoint does not double messages`() async throws {
        let publisher = XPublisher()
        let subscriber = Subscriber()
        let endpoint = try await publisher.bind("tcp://127.0.0.1:*").description
        for _ in 0..<3 { try await subscriber.connect(endpoint) }
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        for number in 0..<5 { publisher.send(Message("\(number)")) }
        #expect(try await subscriber.receiveTexts(5) == ["0", "1", "2", "3", "4"])
        #expect(await publisher.subscriberCount() == 1)
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
    }

    @Test func `a socket file left by a crash is replaced and removed in the end`() async throws {
        let path = NSTemporaryDirectory() + "xylem-stale-\(UUID().uuidString).ipc"
        try leaveSocketFile(at: path)
        let publisher = XPublisher()
        try await publisher.bind("ipc://\(path)")
        let error = await #expect(throws: ZeroMQError.self) {
            try await Publisher().bind("ipc://\(path)")
        }
        #expect(error?.message.contains("another program listens there") == true)
        let subscriber = Subscriber()
        try await subscriber.connect("ipc://\(path)")
        try await subscriber.subscribe(to: "")
        try await publisher.awaitSubscription("")
        try await subscriber.closeInTime()
        try await publisher.closeInTime()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    private func leaveSocketFile(at path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(result == 0)
    }

    @Test func `a file that is no socket is left alone`() async throws {
        let path = NSTemporaryDirectory() + "xylem-precious-\(UUID().uuidString)"
        try Data("precious".utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = await #expect(throws: ZeroMQError.self) {
            try await Publisher().bind("ipc://\(path)")
        }
        #expect(error?.message.contains("not a socket") == true)
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("precious".utf8))
    }
}
