import Foundation
import Logging
import RouterNode
import SocketTestSupport
import Testing
import ZeroMQ

/// A relay whose subscribers may come by WebSocket, as a browser does, against PyPI's `websockets`.
@Suite(.needsWebSockets, .needsOpenSSL, .sockets, .timeLimit(.minutes(2)))
struct WebRelayInteropTests {
    private static let count = 1000

    @Test(arguments: ["ZWS2.0/NULL", "ZWS2.0"], ["ws", "wss"])
    func `it serves the same tree over WebSockets and tcp`(
        name: String,
        scheme: String
    ) async throws {
        let certificates = try TestCertificates()
        defer { withExtendedLifetime(certificates) {} }
        var configuration = RelayConfiguration.lone(
            publishers: .init("tcp://127.0.0.1:*"),
            subscribers: .init(
                listening: [
                    .init(bind: "tcp://127.0.0.1:*"), .init(bind: "\(scheme)://127.0.0.1:*/tree"),
                ]
            ),
            overflow: .block
        )
        configuration.security.listening = .nullOrCurve(keys: .random())
        configuration.tls.certificateFile = certificates.certificateFile
        configuration.tls.privateKeyFile = certificates.privateKeyFile
        let relay = try await Relay.start(configuration, logger: Logger(label: "relay"))
        let web = try #require(
            await relay.status().endpoints.listening.first { $0.bind.hasPrefix("\(scheme):") }
        )
        let browser = try PeerProcess(
            command: [
                PeerAvailability.interpreter, PeerProcess.peers + "/websocket.py", "subscriber",
                "--connect", web.advertise, "--protocol", name, "--trust",
                certificates.certificateFile,
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
