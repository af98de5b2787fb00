import Glibc
import SocketTestSupport
import Synchronization
import Testing
import Vocabulary
import ZMTP

@testable import Transports

/// `vsock://` on this machine alone, which needs the kernel's `vsock_loopback`.
@Suite(.needsVsock, .sockets, .timeLimit(.minutes(1))) struct VsockTests {
    @Test func `a subscriber is answered`() async throws {
        let publisher = TestSocket(.pub)
        let port = UInt32.random(in: 50_000...60_000)
        let endpoint = try await publisher.bind("vsock://*:\(port)")
        #expect(endpoint.description == "vsock://*:\(port)")
        try await TestSocket.proveHealthy(Endpoint("vsock://1:\(port)"))
        try await publisher.close()
    }
}

enum VsockAvailability {
    private static let skipCount = Mutex(0)

    /// Whether a socket can be bound at the loopback's address; says so, with the number of skips so far, when it cannot.
    static func check() -> Bool {
        let descriptor = socket(AF_VSOCK, CInt(SOCK_STREAM.rawValue), 0)
        defer { if descriptor >= 0 { close(descriptor) } }
        if descriptor >= 0, access("/sys/module/vsock_loopback", F_OK) == 0 { return true }
        let count = skipCount.withLock { count in
            count += 1
            return count
        }
        print(
            "SKIPPED (\(count) so far): no vsock to this machine itself; load the kernel's vsock_loopback"
        )
        return false
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where a machine reaches itself by vsock.
    static var needsVsock: Self {
        .enabled(if: VsockAvailability.check(), "needs the kernel's vsock_loopback")
    }
}
