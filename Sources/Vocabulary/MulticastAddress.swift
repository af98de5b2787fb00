/// The address part of `pgm://` and `epgm://`, as libzmq writes it:
///
///     interface ; group [, group …] [; send group] : port
///
///     epgm://eth0;239.192.1.1:5555               an interface's name
///     epgm://10.77.0.1;239.192.1.1:5555          its address, or 10.77.0.0 or 10.77.0.0/24: its network
///     epgm://;239.192.1.1:5555                   the interface that the system's routes lead to
///     pgm://eth0;239.192.1.1,239.192.1.2;239.192.1.3:7500   hears two groups, sends to a third
///     epgm://eth0;[ff05::192:1]:5555             IPv6 in brackets
///     epgm://[ff02::192:1%eth0]:5555             a group of one link may name the interface itself
///
/// Without a send group the first group is sent to. Everything joins every group that it hears.
package struct MulticastAddress: Hashable, Sendable {
    /// A name, an address without brackets, or a network; empty = by the routes.
    package var interface: String
    /// At least one; all of one family.
    package var groups: [NetworkAddress]
    package var sendGroup: NetworkAddress
    /// PGM's data-destination port, and over UDP that of the datagrams too.
    package var port: UInt16

    package init(_ endpoint: Endpoint) throws(EndpointError) {
        let refuse = EndpointRefusal(endpoint: endpoint)
        let text = endpoint.address
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw refuse("it has no port; write \(endpoint):5555")
        }
        let portText = text[text.index(after: colon)...]
        guard let port = UInt16(portText), port > 0 else {
            throw refuse("'\(portText)' is not a port; multicast needs one from 1 to 65535")
        }
        self.port = port
        var parts = text[..<colon].split(separator: ";", omittingEmptySubsequences: false)
        // libzmq also takes a group alone.
        if parts.count == 1 { parts.insert("", at: 0) }
        guard parts.count <= 3 else {
            throw refuse(
                "it has \(parts.count) parts; write interface;group:port or interface;groups;send group:port"
            )
        }
        var interface = try Self.interface(parts[0], refuse)
        var groups: [NetworkAddress] = []
        for word in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
            let group = try Self.group(word, &interface, refuse)
            guard !groups.contains(group) else { throw refuse("it names the group \(group) twice") }
            groups.append(group)
        }
        guard groups.count <= Self.groupCountMax else {
            throw refuse("it names \(groups.count) groups; \(Self.groupCountMax) are allowed")
        }
        let sendGroup =
            parts.count == 3 ? try Self.group(parts[2], &interface, refuse) : groups[0]
        guard (groups + [sendGroup]).allSatisfy({ $0.family == sendGroup.family }) else {
            throw refuse("its groups are of both IPv4 and IPv6; use one endpoint for each")
        }
        self.interface = interface
        self.groups = groups
        self.sendGroup = sendGroup
    }

    private static func interface(
        _ part: Substring,
        _ refuse: EndpointRefusal
    ) throws(EndpointError) -> String {
        guard part.hasPrefix("[") || part.contains(":") else {
            guard NetworkAddress(text: part)?.isMulticast != true else {
                throw refuse(
                    "\(part) is a group, not an interface; write ;\(part):5555 for the interface that the routes lead to"
                )
            }
            return String(part)
        }
        guard part.hasPrefix("["), part.hasSuffix("]") else {
            throw refuse("write an IPv6 address in brackets: [\(part)]")
        }
        return String(part.dropFirst().dropLast())
    }

    /// A group; one that names an interface (`ff02::1%eth0`) settles that.
    private static func group(
        _ part: Substring,
        _ interface: inout String,
        _ refuse: EndpointRefusal
    ) throws(EndpointError) -> NetworkAddress {
        guard !part.isEmpty else {
            throw refuse("a group is missing; write for example eth0;239.192.1.1:5555")
        }
        let isBracketed = part.hasPrefix("[") && part.hasSuffix("]")
        var number = isBracketed ? part.dropFirst().dropLast() : part
        if isBracketed, let percent = number.firstIndex(of: "%") {
            let scope = String(number[number.index(after: percent)...])
            number = number[..<percent]
            guard !scope.isEmpty else {
                throw refuse("an interface must follow the % in '\(part)'")
            }
            if interface.isEmpty { interface = scope }
            guard interface == scope else {
                throw refuse(
                    "it names two interfaces, \(interface) and \(scope); name one, before the ; or after the %"
                )
            }
        }
        guard let address = NetworkAddress(text: number) else {
            throw refuse(
                "'\(part)' is not a group; write a multicast address such as 239.192.1.1 or [ff05::192:1]"
            )
        }
        guard address.family == .v4 || isBracketed else {
            throw refuse("write an IPv6 address in brackets: [\(part)]")
        }
        guard address.isMulticast else {
            throw refuse(
                "\(part) is not a multicast address; those are 224.0.0.0 to 239.255.255.255, and ff00::/8"
            )
        }
        return address
    }

    /// More groups than a Linux socket may join by default (net.ipv4.igmp_max_memberships) help nobody.
    private static let groupCountMax = 20
}
