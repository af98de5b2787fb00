import Glibc
import NIOCore
import Topology
import Vocabulary

/// Names of network interfaces of this machine in endpoints that others must reach.
///
/// A topology refuses names that are interfaces' everywhere (`lo`, `eth0`). Others, such as a bridge called `lan`, only this machine
/// knows; a name that a resolver knows, too, is the host's.
enum LocalInterfaces {
    static func check(_ topology: Topology, file: String) throws(CommandError) {
        let names = Set(((try? System.enumerateDevices()) ?? []).map(\.name))
        for node in topology.nodes {
            let places = [
                ("publishers", node.publishersEndpoint), ("subscribers", node.subscribersEndpoint),
                ("control", node.controlEndpoint),
            ]
            for case let (key, place?) in places {
                guard let host = host(of: place), names.contains(host), !isResolvable(host) else {
                    continue
                }
                let line = node.position.map { "\($0.line):\($0.column): " } ?? " "
                throw .badInput(
                    "\(file):\(line)\(key) of node \"\(node.id)\": \"\(place)\" names the interface \"\(host)\" of this "
                        + "machine, and others cannot connect to an interface's name; use the host's name or address, or "
                        + "write {bind: \"\(place)\", advertise: …}"
                )
            }
        }
    }

    private static func host(of place: String) -> String? {
        let address = (try? Endpoint(place)).map { $0.scheme == .tcp ? $0.address : "" } ?? place
        guard case .name(let host)? = try? TCPAddress(text: address).host else { return nil }
        return host
    }

    private static func isResolvable(_ host: String) -> Bool {
        var list: UnsafeMutablePointer<addrinfo>?
        defer { if let list { freeaddrinfo(list) } }
        return getaddrinfo(host, nil, nil, &list) == 0
    }
}
