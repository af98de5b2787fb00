import Glibc
import Vocabulary
import TreeBuilder
import ZeroMQ

/// The key pairs of a fleet: files in a folder, by the names of nodes.
enum FleetKeys {
    /// Gives each node of the plan its public key. Pairs that are there are kept; those that are missing are made, if
    /// `makesMissing`, and written: the public certificate for everybody, and the pair for its owner alone.
    ///
    /// - Returns: how many pairs were made.
    static func assign(
        to plan: inout Plan,
        in folder: String,
        makesMissing: Bool = true
    ) throws(CommandError) -> Int {
        if makesMissing, mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw .badInput("cannot make the folder \(folder): \(String(cString: strerror(errno)))")
        }
        var madeCount = 0
        for index in plan.nodes.indices {
            let name = plan.nodes[index].id
            guard !name.contains("/"), !name.hasPrefix("."), !name.hasSuffix("_secret"),
                name.utf8.count <= 200
            else {
                throw .badInput(
                    "node '\(name)' cannot have a file in \(folder) under its name; give it an id without '/', '_secret' or a dot in front"
                )
            }
            let path = folder + "/" + name
            if access(path, F_OK) == 0 {
                plan.nodes[index].key = "\(try SecurityArguments.certificate(path).publicKey)"
                continue
            }
            guard makesMissing else {
                guard plan.nodes[index].key == nil else { continue }
                throw .badInput(
                    "\(path) is missing, and the plan has no key of '\(name)'; 'xylem plan --keys \(folder)' makes it"
                )
            }
            let certificate = CurveCertificate(.random(), metadata: [(name: "name", value: name)])
            do throws(AccessError) {
                try certificate.write(to: path)
            } catch {
                throw .badInput("cannot write \(error)")
            }
            plan.nodes[index].key = "\(certificate.publicKey)"
            madeCount += 1
        }
        return madeCount
    }
}

extension Plan {
    /// What to say of nodes that others can reach, and that ask nobody for a key; `nil` = there are none.
    var openNodesNote: String? {
        guard security != .all else { return nil }
        let open = nodes.filter { node in
            [node.publishersEndpoint, node.subscribersEndpoint].contains { text in
                guard let text, let endpoint = try? Endpoint(text), endpoint.scheme == .tcp,
                    let address = try? TCPAddress(endpoint)
                else { return false }
                return !address.host.isLoopback
            }
        }
        guard !open.isEmpty else { return nil }
        return
            "whoever reaches them may publish and subscribe at \(Figures.plural(open.count, "node")); 'security: all' and --keys ask for keys"
    }
}
