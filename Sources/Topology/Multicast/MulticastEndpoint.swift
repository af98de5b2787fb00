/// The text of a multicast endpoint, as libzmq writes them: `epgm://[interface;]group[,group…][;send group]:port`.
struct MulticastEndpoint {
    /// The interface, when one is named.
    let interface: String?
    /// Each of the groups listened to with the port: `239.192.9.1:7600`.
    let groups: [String]

    static func parse(_ text: String) -> Result<MulticastEndpoint, Refusal> {
        func refused(_ reason: String) -> Result<MulticastEndpoint, Refusal> {
            .failure(
                Refusal("\(quoted(text)) \(reason); write such as epgm://eth1;239.192.9.1:7600")
            )
        }
        guard let scheme = ["epgm://", "pgm://"].first(where: text.hasPrefix) else {
            return refused("is not a multicast endpoint")
        }
        let rest = text.dropFirst(scheme.count)
        guard let colon = rest.lastIndex(of: ":") else { return refused("has no port") }
        let port = rest[rest.index(after: colon)...]
        let parts = rest[..<colon].split(separator: ";", omittingEmptySubsequences: false)
        guard (1...3).contains(parts.count) else { return refused("has too many parts") }
        let receiving = parts.count == 1 ? parts[0] : parts[1]
        var groups: [String] = []
        for group in receiving.split(separator: ",", omittingEmptySubsequences: false) {
            let place = "\(group):\(port)".lowercased()
            if let reason = Validation.refusal(ofGroup: place) {
                return .failure(Refusal("\(quoted(text)): \(reason)"))
            }
            groups.append(place)
        }
        let interface = parts.count == 1 || parts[0].isEmpty ? nil : String(parts[0])
        return .success(MulticastEndpoint(interface: interface, groups: groups))
    }
}
