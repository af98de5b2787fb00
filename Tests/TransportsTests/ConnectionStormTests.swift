import Vocabulary
import Simulation
import SocketTestSupport
import Testing
import ZMTP

@testable import Transports

/// Many connections that come to nothing, and octets that mean nothing.
@Suite(.sockets, .timeLimit(.minutes(5))) struct ConnectionStormTests {
    @Test(arguments: [false, true])
    func `random octets do no harm`(isAfterHandshake: Bool) async throws {
        let socket = TestSocket(.pub) { $0.session.messageByteCountMax = 1 << 16 }
        let endpoint = try await socket.bind()
        for seed in UInt64(0)..<60 {
            var generator = SeededGenerator(seed: seed)
            let count = Int.random(in: 1...2_000, using: &generator)
            let junk = generator.octets(count)
            let start = isAfterHandshake ? Octets.greeting() + Octets.ready("SUB") : []
            let peer = try await RawPeer.connect(to: endpoint)
            // The engine may have had enough before the end; what it has not judged ends with the close.
            try? await peer.send(start + junk)
            await peer.close()
            let reason = try await socket.events.nextDisconnect()
            #expect(!reason.description.isEmpty, "seed \(seed)")
        }
        try await TestSocket.proveHealthy(endpoint)
        try await expectBalance(of: socket)
    }

    @Test func `2,000 connections opened and dropped leave nothing behind`() async throws {
        let socket = TestSocket(.pub)
        let endpoint = try await socket.bind()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in 0..<20 {
                group.addTask {
                    for number in 0..<100 { try await Self.visit(endpoint, lane + number) }
                }
            }
            try await group.waitForAll()
        }
        try await TestSocket.proveHealthy(endpoint)
        try await expectBalance(of: socket)
    }

    private static func visit(_ endpoint: Endpoint, _ number: Int) async throws {
        let peer = try await RawPeer.connect(to: endpoint)
        switch number % 4 {
        case 0: await peer.close()
        case 1:
            try await peer.send(Octets.greeting().prefix(20))
            await peer.close()
        case 2:
            try await peer.send(Octets.greeting() + Octets.ready("SUB"))
            await peer.close()
        default: try await peer.reset()
        }
    }

    /// Every connection that was told of as opened is told of as disconnected, and none is kept.
    private func expectBalance(of socket: TestSocket) async throws {
        try await eventually("end of every connection") {
            socket.hub.connections.isEmpty && socket.openCount.value == 0
        }
        try await socket.close()
    }
}
