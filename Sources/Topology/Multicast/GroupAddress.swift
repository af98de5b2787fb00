import Vocabulary

/// A multicast group and its port: `239.192.1.1:7500` or `[ff15::1]:7500`.
struct GroupAddress: Hashable {
    let group: NetworkAddress
    let port: Int

    static func parse(_ text: String) -> Result<GroupAddress, ValueError> {
        let example = "239.192.1.1:7500"
        if case .failure(let refusal) = RelayAddress.control(text, example: example) {
            return .failure(refusal)
        }
        guard let address = try? TCPAddress(text: text), case .name(let host) = address.host,
            let group = NetworkAddress(text: host)
        else {
            return .failure(
                ValueError("\(quoted(text)) is not an address; write such as \(example)")
            )
        }
        guard group.isMulticast else {
            return .failure(
                ValueError(
                    "\(quoted(text)) is not a multicast address; use 224.0.0.0 to 239.255.255.255, or ff00::/8"
                )
            )
        }
        return .success(GroupAddress(group: group, port: address.port))
    }

    /// The groups that an endpoint such as `epgm://eth1;239.192.9.1:7600` listens to.
    static func heard(at text: String) -> Result<[GroupAddress], ValueError> {
        do {
            let endpoint = try Endpoint(text)
            guard endpoint.scheme.isMulticast else {
                return .failure(
                    ValueError(
                        "\(quoted(text)) is not a multicast endpoint; write such as epgm://eth1;239.192.9.1:7600"
                    )
                )
            }
            let address = try MulticastAddress(endpoint)
            return .success(address.groups.map { Self(group: $0, port: Int(address.port)) })
        } catch {
            return .failure(ValueError("\(quoted(text)): \(error.problem)"))
        }
    }

    private init(group: NetworkAddress, port: Int) {
        self.group = group
        self.port = port
    }
}
