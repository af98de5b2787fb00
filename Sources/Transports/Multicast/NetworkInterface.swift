import CDatagrams
package import Vocabulary
import Glibc
import PGM

/// An interface of this machine, with its address in the family that is wanted.
package struct NetworkInterface: Hashable, Sendable {
    package var name: String
    package var index: UInt32
    package var address: NetworkAddress
    /// Octets of the largest IP packet.
    package var packetByteCountMax: Int

    /// The interface that an endpoint means.
    package init(_ address: MulticastAddress, of endpoint: Endpoint) throws(EndpointError) {
        let refuse = EndpointRefusal(endpoint: endpoint)
        let family = address.sendGroup.family
        let all = Candidate.all()
        let text = address.interface
        let chosen: Candidate?
        if text.isEmpty {
            chosen = try Self.routed(to: address, all, refuse)
        } else if let named = all.first(where: { $0.name == text && $0.address.family == family }) {
            chosen = named
        } else if all.contains(where: { $0.name == text }) {
            throw refuse(
                "the interface \(text) has no \(family == .v4 ? "IPv4" : "IPv6") address, which the group needs"
            )
        } else {
            chosen = try Self.numbered(text, family, all, refuse)
        }
        guard let chosen else {
            let known = all.filter { $0.address.family == family }
                .map { "\($0.name) (\($0.address))" }.joined(separator: ", ")
            throw refuse(
                "this machine has no interface '\(text)'; "
                    + (known.isEmpty ? "it has none of that family" : "there are \(known)")
            )
        }
        guard chosen.isUp else {
            throw refuse("the interface \(chosen.name) is down; bring it up, or name another")
        }
        name = chosen.name
        index = if_nametoindex(chosen.name)
        self.address = chosen.address
        packetByteCountMax = Self.packetByteCountMax(of: chosen.name)
    }

    /// By an interface's address, else by its network: `10.77.0.0` or `10.77.0.0/24`.
    private static func numbered(
        _ text: String,
        _ family: NetworkAddress.Family,
        _ all: [Candidate],
        _ refuse: EndpointRefusal
    ) throws(EndpointError) -> Candidate? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let zoneless = parts[0].split(separator: "%")[...].first ?? ""
        guard parts.count <= 2, let number = NetworkAddress(text: zoneless) else { return nil }
        guard number.family == family else {
            throw refuse("the interface's address and the group are of different families")
        }
        let ofFamily = all.filter { $0.address.family == family }
        if let exact = ofFamily.first(where: { $0.address == number }) { return exact }
        guard parts.count == 2 else {
            return ofFamily.first {
                $0.prefixBitCount < 8 * number.byteCount && $0.network == number
            }
        }
        guard let bits = Int(parts[1]), (0...8 * number.byteCount).contains(bits) else {
            throw refuse("'\(parts[1])' is not the length of a network's prefix")
        }
        return ofFamily.first {
            $0.address.prefix(bitCount: bits) == number.prefix(bitCount: bits)
        }
    }

    /// The interface whose address the kernel would send from.
    private static func routed(
        to address: MulticastAddress,
        _ all: [Candidate],
        _ refuse: EndpointRefusal
    ) throws(EndpointError) -> Candidate {
        let problem =
            "no route leads to \(address.sendGroup); name an interface, for example "
            + "\(all.first { !$0.address.isLoopback }?.name ?? "lo");\(address.sendGroup.endpointText)"
        let descriptor = socket(
            address.sendGroup.kernelFamily,
            CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { throw refuse(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        let target = KernelAddress(address.sendGroup, port: address.port, interfaceIndex: 0)
        guard target.withPointer({ connect(descriptor, $0, target.byteCount) }) == 0 else {
            throw refuse(problem)
        }
        var storage = sockaddr_storage()
        var byteCount = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let source = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                getsockname(descriptor, pointer, &byteCount) == 0 ? NetworkAddress(pointer) : nil
            }
        }
        guard let source, let found = all.first(where: { $0.address == source }) else {
            throw refuse(problem)
        }
        return found
    }

    private static func packetByteCountMax(of name: String) -> Int {
        let descriptor = socket(
            AF_INET,
            CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { return ethernet }
        defer { close(descriptor) }
        // struct ifreq: the name in 16 octets, then a union.
        var request = [UInt8](repeating: 0, count: 40)
        request.replaceSubrange(0..<min(15, name.utf8.count), with: name.utf8.prefix(15))
        let byteCount = request.withUnsafeMutableBytes { bytes -> Int32? in
            guard let base = bytes.baseAddress, ioctl(descriptor, UInt(SIOCGIFMTU), base) == 0
            else { return nil }
            return bytes.loadUnaligned(fromByteOffset: 16, as: Int32.self)
        }
        return byteCount.map(Int.init) ?? ethernet
    }

    private static let ethernet = 1_500
}

/// One address of one interface.
private struct Candidate {
    var name: String
    var address: NetworkAddress
    var prefixBitCount: Int
    var isUp: Bool

    var network: NetworkAddress { address.prefix(bitCount: prefixBitCount) }

    static func all() -> [Candidate] {
        var head: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&head) == 0 else { return [] }
        defer { freeifaddrs(head) }
        var candidates: [Candidate] = []
        var next = head
        while let entry = next {
            next = entry.pointee.ifa_next
            guard let pointer = entry.pointee.ifa_addr, let address = NetworkAddress(pointer)
            else { continue }
            let mask = entry.pointee.ifa_netmask.flatMap { NetworkAddress($0) }
            candidates.append(
                Candidate(
                    name: String(cString: entry.pointee.ifa_name),
                    address: address,
                    prefixBitCount: mask.map { $0.high.nonzeroBitCount + $0.low.nonzeroBitCount }
                        ?? 8 * address.byteCount,
                    isUp: entry.pointee.ifa_flags & UInt32(IFF_UP) != 0
                )
            )
        }
        return candidates
    }
}

extension NetworkAddress {
    /// The address with everything after its first bits zero.
    fileprivate func prefix(bitCount: Int) -> NetworkAddress {
        func mask(_ bits: Int, of width: Int) -> UInt64 {
            bits <= 0 ? 0 : ~0 << UInt64(max(0, width - bits))
        }
        switch family {
        case .v4:
            return NetworkAddress(
                v4: UInt32(truncatingIfNeeded: low & mask(bitCount, of: 32))
            )
        case .v6:
            return NetworkAddress(
                v6High: high & mask(min(64, bitCount), of: 64),
                low: low & mask(bitCount - 64, of: 64)
            )
        }
    }
}
