import Vocabulary
import Glibc
import NIOCore

/// The address part of `ipc://`: a path, `@name` for the abstract namespace, `*` for a path of the system's choice.
enum IPCAddress: Equatable {
    case path(String)
    /// Without the `@`.
    case abstract(String)
    case any

    init(_ endpoint: Endpoint) throws(EndpointError) {
        let text = endpoint.address
        // sun_path has 108 octets; a path needs its NUL, an abstract name its leading one.
        guard text.utf8.count <= 107 else {
            throw EndpointError(
                endpoint: endpoint.description,
                problem: "it is \(text.utf8.count) octets long; the system allows 107"
            )
        }
        if text == "*" {
            self = .any
        } else if text.hasPrefix("@") {
            guard text != "@" else {
                throw EndpointError(
                    endpoint: endpoint.description,
                    problem: "a name must follow the @"
                )
            }
            self = .abstract(String(text.dropFirst()))
        } else {
            self = .path(text)
        }
    }

    /// The address of a connect, which needs one place to go to.
    static func dialled(_ endpoint: Endpoint) throws(EndpointError) -> IPCAddress {
        let address = try IPCAddress(endpoint)
        guard address != .any else {
            throw EndpointError(
                endpoint: endpoint.description,
                problem: "* can be bound, not connected to"
            )
        }
        return address
    }

    /// Calls `body` with the address as the kernel wants it. NIO's own type cannot say how long an abstract name is,
    /// and the length is part of the name.
    func withSocketAddress<Result>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name: [UInt8]
        switch self {
        case .path(let path): name = Array(path.utf8) + [0]
        case .abstract(let text): name = [0] + Array(text.utf8)
        case .any: name = []
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let headerByteCount = MemoryLayout<sa_family_t>.size
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(headerByteCount + name.count))
            }
        }
    }
}
