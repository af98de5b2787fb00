import Glibc
import TreeBuilder
import Vocabulary

/// The addresses of a plan that other machines have: nothing can listen at them here.
struct ForeignAddresses: Equatable {
    struct Row: Equatable {
        /// The node, as a person knows it.
        var name: String
        var hosts: [String]
    }

    /// Of the nodes that have any, in the plan's order.
    private(set) var rows: [Row] = []
    private(set) var nodeCount = 0
    /// Ids of the nodes that can run here.
    private(set) var localNodes: [String] = []
    /// Whether the plan says of every node where it is.
    private var isAddressed = true

    /// Looks at all nodes. `isLocal` says of a host (an address, a name, an interface) whether it is here.
    init(_ plan: Plan, isLocal: (String) -> Bool) {
        nodeCount = plan.nodes.count
        isAddressed = plan.nodes.allSatisfy {
            $0.publishersEndpoint != nil && $0.subscribersEndpoint != nil
        }
        var known: [String: Bool] = [:]
        for node in plan.nodes {
            var foreign: [String] = []
            for host in Self.hosts(of: node) where !foreign.contains(host) {
                let answer = known[host] ?? isLocal(host)
                known[host] = answer
                if !answer { foreign.append(host) }
            }
            if foreign.isEmpty {
                localNodes.append(node.id)
            } else {
                rows.append(Row(name: Figures.name(node.id, node.label), hosts: foreign))
            }
        }
    }

    /// Where it binds, without wildcards.
    private static func hosts(of node: PlanNode) -> [String] {
        let endpoints = [node.publishersBind, node.subscribersBind].compactMap { text in
            text.flatMap { try? Endpoint($0) }.flatMap { $0.scheme == .tcp ? $0.address : nil }
        }
        return (endpoints + [node.controlBind].compactMap(\.self)).compactMap { text in
            guard case .name(let host)? = (try? TCPAddress(text: text))?.host else { return nil }
            return host
        }
    }

    /// Why the plan cannot run here, and what to do instead; `nil` when it can.
    func refusal(file: String, ownAddresses: [String]) -> String? {
        guard !rows.isEmpty else { return nil }
        var lines = [
            "\(rows.count) of \(Figures.plural(nodeCount, "node")) cannot run on this machine, which does not have their addresses:"
        ]
        lines += rows.prefix(Self.rowCountMax).map {
            "  \($0.name): \($0.hosts.joined(separator: ", "))"
        }
        if rows.count > Self.rowCountMax {
            lines.append("  … and \(rows.count - Self.rowCountMax) more")
        }
        lines.append("This machine has \(ownAddresses.joined(separator: ", ")).")
        let example = rows[0].name.split(separator: " ").first ?? ""
        lines += [
            "To run each node where its addresses are, write the plan once and start the nodes there:",
            "  xylem plan \(file) --format json -o plan.json",
            "  xylem node --plan plan.json --name \(example)",
        ]
        if !localNodes.isEmpty, isAddressed {
            lines += [
                "To run the nodes that are at home here:",
                "  xylem up \(file) --only \(localNodes.prefix(Self.rowCountMax).joined(separator: " "))",
            ]
        }
        lines += [
            "To try the tree on this machine, at free ports of its own:",
            "  xylem up \(file) --local",
        ]
        return lines.joined(separator: "\n")
    }

    private static let rowCountMax = 20
}

/// What this machine can listen at.
enum OwnAddresses {
    /// Whether a listener at that host would come up: an address of ours, an interface, or a name of one of them.
    static func contains(_ host: String) -> Bool {
        if if_nametoindex(host) != 0 { return true }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return false }
        defer { freeaddrinfo(list) }
        var next = list
        while let entry = next?.pointee {
            if canBind(entry) { return true }
            next = entry.ai_next
        }
        return false
    }

    /// The kernel knows better than any list: some machines may bind what they do not have.
    private static func canBind(_ entry: addrinfo) -> Bool {
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(entry.ai_family, type, 0)
        guard descriptor >= 0 else { return errno != EAFNOSUPPORT }
        defer { close(descriptor) }
        return bind(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 || errno != EADDRNOTAVAIL
    }

    /// `127.0.0.1 (lo)`, `10.0.0.7 (eth0)`, …
    static func all() -> [String] {
        var head: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&head) == 0 else { return [] }
        defer { freeifaddrs(head) }
        var texts: [String] = []
        var next = head
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard let address = entry.ifa_addr else { continue }
            let family = Int32(address.pointee.sa_family)
            guard family == AF_INET || family == AF_INET6 else { continue }
            let byteCount =
                family == AF_INET ? MemoryLayout<sockaddr_in>.size : MemoryLayout<sockaddr_in6>.size
            var text = [UInt8](repeating: 0, count: Int(NI_MAXHOST))
            let status = text.withUnsafeMutableBytes { buffer in
                getnameinfo(
                    address,
                    socklen_t(byteCount),
                    buffer.bindMemory(to: CChar.self).baseAddress,
                    socklen_t(buffer.count),
                    nil,
                    0,
                    NI_NUMERICHOST
                )
            }
            guard status == 0 else { continue }
            let host = String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
            texts.append("\(host) (\(String(cString: entry.ifa_name)))")
        }
        return texts
    }
}
