import Foundation
import Logging
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// A relay whose subscribers may come by WebSocket, as a browser does, against PyPI's `websockets`.
@Suite(.needsWebSockets, .sockets, .timeLimit(.minutes(2))) struct WebRelayInteropTests {
    private static let count = 1000

    @Test(arguments: ["ZWS2.0/NULL", "ZWS2.0"])
    func `it serves the same tree over ws and tcp`(name: String) async throws {
        var configuration = RelayConfiguration.lone(
            publishers: .init("tcp://127.0.0.1:*"),
            subscribers: .init(
                listening: [
                    .init(bind: "tcp://127.0.0.1:*"), .init(bind: "ws://127.0.0.1:*/tree"),
                ]
            ),
            overflow: .block
        )
        configuration.security.listening = .nullOrCurve(keys: .random())
        let relay = try await Relay.start(configuration, logger: Logger(label: "relay"))
        let web = try #require(
            await relay.status().endpoints.listening.first { $0.bind.hasPrefix("ws:") }
        )
        let browser = try PeerProcess(
            command: [
                PeerAvailability.interpreter, PeerProcess.peers + "/websocket.py", "subscriber",
                "--connect", web.advertise, "--protocol", name,
            ]
        )
        #expect(try await browser.event("handshaken").message == name)
        let publisher = XPublisher(options: SocketOptions { $0.overflow = .block })
        try await publisher.connect("\(try #require(relay.endpoints).publishers)")
        try await within("subscription") {
            while try await publisher.receive() != .subscribed(topic: []) {}
        }
        for number in 0..<Self.count {
            let octets = withUnsafeBytes(of: UInt64(number).bigEndian) { Array($0) }
            let padding = [UInt8](repeating: UInt8(number % 256), count: number * 7 % 70_000)
            publisher.send([Frame(octets), Frame(padding)])
        }
        #expect(try await browser.event("received").damaged == 0)
        try browser.send("")
        #expect(try await browser.event("closed").count == 1000)
        await browser.close()
        await publisher.close()
        #expect(await relay.status().balance.unaccounted == 0)
        await relay.stop()
    }
}
