import Vocabulary
import NIOCore
import SocketTestSupport
import Testing
import ZMTP

@testable import Transports

/// What endpoints may look like, and what is said of those that may not.
@Suite(.sockets, .timeLimit(.minutes(5))) struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:5556", "has no scheme"),
        ("udp://127.0.0.1:5556", "the transport 'udp' is not known"),
        ("tcp://", "nothing follows tcp://"),
        ("tcp://host", "it has no port"),
        ("tcp://host:http", "'http' is not a port"),
        ("tcp://host:65536", "'65536' is not a port"),
        ("tcp://host:-1", "'-1' is not a port"),
        ("tcp://:5556", "it has no host"),
        ("tcp://::1:5556", "write an IPv6 address in brackets"),
        ("tcp://[::1:5556", "the bracket is not closed"),
        ("ipc://@", "a name must follow the @"),
        ("ipc:///" + String(repeating: "x", count: 107), "the system allows 107"),
    ])
    func `a malformed endpoint is refused with what to write`(
        text: String,
        problem: String
    )
        async throws
    {
        let socket = TestSocket(.pub)
        for isBind in [true, false] {
            let error = await #expect(throws: EndpointError.self) {
                let endpoint = try Endpoint(text)
                if isBind {
                    _ = try await socket.hub.bind(endpoint).get()
                } else {
                    try socket.hub.connect(endpoint)
                }
            }
            #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
            #expect(error?.endpoint == text)
        }
        try await socket.close()
    }

    @Test(arguments: ["tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "ipc://*"])
    func `a wildcard is no place to connect to`(text: String) async throws {
        let socket = TestSocket(.sub)
        let error = #expect(throws: EndpointError.self) {
            try socket.hub.connect(try Endpoint(text))
        }
        #expect(error?.problem.contains("can be bound, not connected to") == true)
        try await socket.close()
    }

    @Test(arguments: [
        ("tcp://192.0.2.1:*", "this machine has no such address"),
        ("tcp://no-such-host.invalid:*", "no-such-host.invalid"),
        ("ipc:///no/such/directory/socket", "the directory does not exist"),
    ])
    func `an endpoint of elsewhere cannot be bound`(text: String, problem: String) async throws {
        let socket = TestSocket(.pub)
        let error = await #expect(throws: EndpointError.self) { try await socket.bind(text) }
        #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
        try await socket.close()
    }

    @Test func `an address in use is refused, also to oneself`() async throws {
        let socket = TestSocket(.pub)
        for text in ["tcp://127.0.0.1:*", "ipc://*", "inproc://taken"] {
            let endpoint = try await socket.bind(text)
            let error = await #expect(throws: EndpointError.self) {
                _ = try await socket.bind(endpoint.description)
            }
            #expect(error?.problem.contains("choose another") == true)
        }
        #expect(socket.hub.boundEndpoints.count == 3)
        try await socket.close()
        #expect(socket.hub.boundEndpoints.isEmpty)
    }
}
