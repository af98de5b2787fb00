import Foundation
import RouterNode
import SocketTestSupport
import Testing

/// Where status is served, and what is said when it cannot be.
@Suite(.serialized) struct ControlServerTests {
    @Test func `a port that is taken is named at once, with what to do`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("one")
            let first = try await ControlServer.start(at: "127.0.0.1:0") { await relay.status() }
            let error = await #expect(throws: ControlError.self) {
                _ = try await ControlServer.start(at: first.address) { await relay.status() }
            }
            #expect(
                error?.message == "cannot listen at control endpoint \(first.address): "
                    + "the address is in use; stop the other program or choose another port"
            )
            // The first one is not hurt.
            #expect(try await ControlClient.status(at: first.address).name == "one")
            await first.stop()
        }
    }

    @Test func `an address of another machine is refused, and * is every address`() async throws {
        try await RelayLab.run { lab in
            let relay = try await lab.start("one")
            let error = await #expect(throws: ControlError.self) {
                _ = try await ControlServer.start(at: "192.0.2.1:0") { await relay.status() }
            }
            #expect(error?.message.contains("this machine has no such address") == true)
            let server = try await ControlServer.start(at: "*:0") { await relay.status() }
            #expect(server.address.hasPrefix("0.0.0.0:"))
            let port = server.address.split(separator: ":").last ?? ""
            #expect(try await ControlClient.status(at: "127.0.0.1:\(port)").name == "one")
            await server.stop()
        }
    }
}
