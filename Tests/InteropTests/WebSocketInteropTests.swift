import Foundation
import SocketTestSupport
import Synchronization
import Testing
import ZeroMQ

/// `ws://` against a WebSocket library of another language, which knows of ZWS only what the peer's script says.
@Suite(.needsWebSockets, .sockets, .timeLimit(.minutes(2))) struct WebSocketInteropTests {
    private static let count = 1000

    private static func padding(_ number: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(number % 256), count: number * 7 % 70_000)
    }

    private static func peer(_ options: String...) throws -> PeerProcess {
        try PeerProcess(
            command: [PeerAvailability.interpreter, PeerProcess.peers + "/websocket.py"] + options
        )
    }

    private static func publish(by publisher: XPublisher) async throws {
        try await within("subscription") {
            while try await publisher.receive() != .subscribed(topic: []) {}
        }
        for number in 0..<count {
            let octets = withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) }
            publisher.send([Frame(octets), Frame(padding(number))])
        }
    }

    private static func receive(by subscriber: Subscriber) async throws {
        for number in 0..<count {
            let message = try await within("message") { try await subscriber.receive() }
            #expect(message.count == 2 && message[1].bytes == padding(number), "\(number)")
        }
    }

    @Test(arguments: ["ZWS2.0/NULL", "ZWS2.0"])
    func `its client is served, and serves us`(name: String) async throws {
        let publisher = XPublisher(options: SocketOptions { $0.overflow = .block })
        let served = try Self.peer(
            "subscriber",
            "--connect",
            try await publisher.bind("ws://127.0.0.1:*/quotes").description,
            "--protocol",
            name
        )
        #expect(try await served.event("handshaken").message == name)
        try await Self.publish(by: publisher)
        #expect(try await served.event("received").damaged == 0)
        // It closes with 1000, and is answered.
        try served.send("")
        #expect(try await served.event("closed").count == 1000)
        await served.close()
        await publisher.close()

        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "")
        let serving = try Self.peer(
            "publisher",
            "--connect",
            try await subscriber.bind("ws://127.0.0.1:*").description,
            "--protocol",
            name
        )
        try await Self.receive(by: subscriber)
        _ = try await serving.event("sent")
        await subscriber.close()
        try serving.send("")
        #expect(try await serving.event("closed").count == 1000)
        await serving.close()
    }

    @Test(arguments: ["ZWS2.0/NULL", "ZWS2.0"])
    func `its server is subscribed to, and published to`(name: String) async throws {
        let serving = try Self.peer("publisher", "--bind", "--protocol", name)
        let subscriber = Subscriber()
        try await subscriber.subscribe(to: "")
        try await subscriber.connect(try await serving.endpoint())
        #expect(try await serving.event("handshaken").message == name)
        try await Self.receive(by: subscriber)
        await subscriber.close()
        await serving.close()

        let served = try Self.peer("subscriber", "--bind", "--protocol", name)
        let publisher = XPublisher(options: SocketOptions { $0.overflow = .block })
        try await publisher.connect(try await served.endpoint())
        try await Self.publish(by: publisher)
        #expect(try await served.event("received").damaged == 0)
        await publisher.close()
        await served.close()
    }
}

/// Whether the peer can run: Debian's Python with `websockets`.
enum WebSocketAvailability {
    private static let isInstalled: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: PeerAvailability.interpreter)
        process.arguments = ["-c", "import websockets"]
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    private static let skipCount = Mutex(0)

    static func check() -> Bool {
        if isInstalled { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print(
            "SKIPPED (\(count) so far): no WebSocket peer; install python3-websockets (tools/setup --test)"
        )
        return false
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where a WebSocket peer can run.
    static var needsWebSockets: Self {
        .enabled(
            if: WebSocketAvailability.check(),
            "needs \(PeerAvailability.interpreter) with websockets"
        )
    }
}
