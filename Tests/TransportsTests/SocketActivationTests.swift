import Glibc
import NIOCore
import SocketTestSupport
import Testing
import Vocabulary
import ZMTP

@testable import Transports

/// `sd_listen_fds(3)`, and `fd://`.
@Suite(.sockets, .timeLimit(.minutes(1))) struct SocketActivationTests {
    private static func activation(_ environment: [String: String]) -> SocketActivation {
        SocketActivation(environment: { environment[$0] }, processID: 42)
    }

    @Test func `sockets have numbers from 3 on, and names`() {
        let names = Self.activation([
            "LISTEN_PID": "42", "LISTEN_FDS": "3", "LISTEN_FDNAMES": "quotes::status",
        ])
        #expect(
            names.sockets == [
                .init(descriptor: 3, name: "quotes"), .init(descriptor: 4, name: "unknown"),
                .init(descriptor: 5, name: "status"),
            ]
        )
        let bare = Self.activation(["LISTEN_PID": "42", "LISTEN_FDS": "1"])
        #expect(bare.sockets == [.init(descriptor: 3, name: "unknown")])
    }

    @Test(arguments: [
        [:], ["LISTEN_PID": "43", "LISTEN_FDS": "1"], ["LISTEN_PID": "42", "LISTEN_FDS": "-1"],
        ["LISTEN_PID": "42", "LISTEN_FDS": "100000"], ["LISTEN_FDS": "1"],
    ])
    func `what is for another process, or makes no sense, is nothing`(
        _ environment: [String: String]
    ) {
        #expect(Self.activation(environment).sockets.isEmpty)
    }

    /// A socket of 127.0.0.1 that somebody else has bound.
    private static func boundSocket() -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let outcome = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        precondition(outcome == 0)
        return descriptor
    }

    @Test func `a socket that was passed serves peers, and is bound again`() async throws {
        let descriptor = Self.boundSocket()
        defer { close(descriptor) }
        let publisher = TestSocket(.pub)
        for _ in 0..<2 {
            let endpoint = try await publisher.bind("fd://\(descriptor)")
            #expect(endpoint.scheme == .tcp && endpoint.address.hasPrefix("127.0.0.1:"))
            try await TestSocket.proveHealthy(endpoint)
            #expect(try await publisher.hub.unbind(endpoint).get())
        }
        try await publisher.close()
    }

    @Test(arguments: [
        ("fd://0x", "'0x' is no number, and systemd has passed no sockets to this process"),
        ("fd://999999", "descriptor 999999 is no stream socket"),
    ])
    func `what is no socket is refused`(_ text: String, _ problem: String) async throws {
        let publisher = TestSocket(.pub)
        let error = await #expect(throws: EndpointError.self) { try await publisher.bind(text) }
        #expect(error?.problem == problem)
        #expect(throws: EndpointError.self) { try publisher.hub.connect(Endpoint(text)) }
        try await publisher.close()
    }
}
