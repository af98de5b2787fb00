import Glibc

/// The interface that an IPv6 address of one link is of.
extension sockaddr_in6 {
    /// The interface's index; 0 = none is named.
    var scope: UInt32 {
        get { sin6_scope_id }
        set { sin6_scope_id = newValue }
    }

    /// The index of the interface of that name or number; 0 = there is none.
    static func scope(named text: String) -> UInt32 { UInt32(text) ?? if_nametoindex(text) }

    /// The name of the interface with that index.
    static func name(ofScope index: UInt32) -> String {
        var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard if_indextoname(index, &name) != nil else { return "\(index)" }
        let octets = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: octets, as: UTF8.self)
    }
}
