import Glibc
import NIOCore
import SocketTestSupport
import Testing
import Vocabulary
import ZMTP

@testable import Transports

/// What endpoints may look like, and what is said of those that may not.
@Suite(.sockets, .timeLimit(.minutes(5))) struct EndpointTests {
    @Test(arguments: [
        ("127.0.0.1:5556", "has no scheme"),
        ("http://127.0.0.1:5556", "the transport 'http' is not known"),
        ("tipc://{1,2}", "TIPC is not spoken here; use tcp"),
        ("vmci://1:5556", "VMCI is VMware's"),
        ("norm://127.0.0.1:5556", "for reliable multicast use epgm or pgm"),
        ("udp://127.0.0.1:5556", "this socket has connections, and udp has none"),
        ("vsock://2", "write vsock://cid:port"),
        ("vsock://host:5556", "'host' is no context id"),
        ("vsock://2:0", "'0' is not a port"),
        ("ws://host", "it has no port; write ws://host:5556"),
        ("tcp://", "nothing follows tcp://"),
        ("tcp://host", "it has no port"),
        ("tcp://host:http", "'http' is not a port"),
        ("tcp://host:65536", "'65536' is not a port"),
        ("tcp://host:-1", "'-1' is not a port"),
        ("tcp://:5556", "it has no host"),
        ("tcp://::1:5556", "write an IPv6 address in brackets"),
        ("tcp://[::1:5556", "the bracket is not closed"),
        ("tcp://[fe80::1]:5556", "name the interface, as in [fe80::1%"),
        ("tcp://[fe80::1%nothere0]:5556", "no interface 'nothere0'; there are lo (127.0.0.1"),
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

    @Test(arguments: [
        "tcp://127.0.0.1:*", "tcp://127.0.0.1:0", "ipc://*", "ws://127.0.0.1:*/x", "vsock://*:5",
    ])
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
        ("tcp://eth99:*", "'eth99' is neither an interface nor the name of a host; there are lo"),
        ("tcp://127.0.0.1:0;127.0.0.1:5555", "to bind, write tcp://127.0.0.1:0"),
        ("ipc:///no/such/directory/socket", "its directory does not exist"),
    ])
    func `an endpoint of elsewhere cannot be bound`(text: String, problem: String) async throws {
        let socket = TestSocket(.pub)
        let error = await #expect(throws: EndpointError.self) { try await socket.bind(text) }
        #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
        try await socket.close()
    }

    @Test(arguments: [
        ("tcp://127.0.0.1:0;[::1]:5555", "comes from one family of addresses and goes to another"),
        ("tcp://eth99:0;127.0.0.1:5555", "'eth99' is neither an address nor an interface"),
        ("tcp://127.0.0.1;127.0.0.1:5555", "write tcp://127.0.0.1:5556"),
        ("tcp://127.0.0.1:0;127.0.0.1:0", "can be bound, not connected to"),
        ("tcp://a:0;b:0;c:5555", "it has 3 parts"),
    ])
    func `what cannot be connected from there is refused`(
        text: String,
        problem: String
    ) async throws {
        let socket = TestSocket(.sub)
        let error = #expect(throws: EndpointError.self) {
            try socket.hub.connect(try Endpoint(text))
        }
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
        try await socket.close()
    }

    // zmq_tcp(7) "Assigning a source address": an address, an interface or *, and a port or 0.
    @Test(arguments: [
        ("127.0.0.2:0", "127.0.0.2:"), ("127.0.0.3:*", "127.0.0.3:"), ("lo:0", "127.0.0.1:"),
        ("*:0", "127.0.0.1:"),
    ])
    func `a connect comes from the address it names`(
        source: String,
        expected: String
    ) async throws {
        let server = TestSocket(.pub)
        let client = TestSocket(.sub)
        let endpoint = try await server.bind("tcp://127.0.0.1:*")
        try client.hub.connect(try Endpoint("tcp://\(source);\(endpoint.address)"))
        try await eventually("a connection") {
            server.hub.connections.first?.peerDescription.hasPrefix(expected) == true
        }
        try await client.close()
        try await server.close()
    }

    @Test func `an address of one link is written with its interface`() throws {
        let refuse = EndpointRefusal(endpoint: Endpoint(scheme: .tcp, address: ""))
        let host = TCPAddress.Host.name("fe80::1%lo")
        let address = try host.socketAddress(port: 5_556, refuse: refuse)
        #expect(address?.endpointText == "[fe80::1%lo]:5556")
        let plain = try TCPAddress.Host.name("::1").socketAddress(port: 7, refuse: refuse)
        #expect(plain?.endpointText == "[::1]:7")
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

    @Test func `a listener removes its own ipc file, and not its successor's`() async throws {
        let path = "/tmp/xylem-test-\(UInt64.random(in: .min ... .max)).ipc"
        let first = TestSocket(.pub)
        let second = TestSocket(.pub)
        let endpoint = try await first.bind("ipc://\(path)")
        #expect(unlink(path) == 0)
        _ = try await second.bind("ipc://\(path)")
        try await first.close()
        let client = TestSocket(.sub)
        try client.hub.connect(endpoint)
        try await eventually("a connection to the successor") {
            second.hub.connections.count == 1
        }
        try await client.close()
        try await second.close()
        #expect(access(path, F_OK) != 0)
    }
}
