import SocketTestSupport
import Testing
import ZeroMQ

/// The transports that every pattern is tried over.
enum Wires: String, CaseIterable, Sendable {
    case tcp = "tcp://127.0.0.1:*"
    case ipc = "ipc://*"
    case inproc = "inproc://"

    /// An endpoint to bind; names of inproc are this test's own.
    func endpoint(_ name: String) -> String {
        self == .inproc ? rawValue + name : rawValue
    }
}

extension PeerSocket {
    /// Waits until that many peers are connected.
    func awaitPeers(_ count: Int) async throws {
        try await eventually("\(count) peers") { await self.peerCount() == count }
    }
}

extension ReceivingSocket {
    func receiveInTime() async throws -> Message {
        try await within("message") { try await self.receive() }
    }

    func receiveTexts(_ count: Int, frame: Int = 0) async throws -> [String] {
        var texts: [String] = []
        for _ in 0..<count { texts.append(try await receiveInTime()[frame].text) }
        return texts
    }
}
