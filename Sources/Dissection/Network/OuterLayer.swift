/// A header around the datagram that is looked at: what carried it through another network, or marked it in its own.
public struct OuterLayer: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// An outer IP header, with its addresses.
        case ip
        /// 802.1Q and 802.1ad, one for each tag.
        case vlan
        case vnTag = "vn-tag"
        /// 802.1BR.
        case eTag = "e-tag"
        /// Provider backbone bridging, 802.1ah.
        case pbb
        case macsec
        /// One for each label.
        case mpls
        case ppp, pppoe, gre, erspan, vxlan, geneve, tzsp, nsh
        /// GTP-U of mobile networks.
        case gtp
        case etherIP = "ether-ip"
        /// A register message, in which a router carries multicast to the rendezvous point.
        case pim
    }

    public var kind: Kind
    /// VLAN, label, network identifier, key, session: what the header has to tell its networks apart.
    public var identifier: UInt32?
    /// ERSPAN's type, from 1 to 3.
    public var version: UInt8?
    /// Of `ip`.
    public var source: IPAddress?
    public var destination: IPAddress?

    public init(_ kind: Kind, identifier: UInt32? = nil, version: UInt8? = nil) {
        self.kind = kind
        self.identifier = identifier
        self.version = version
    }

    public init(from source: IPAddress, to destination: IPAddress) {
        kind = .ip
        self.source = source
        self.destination = destination
    }
}

extension OuterLayer: CustomStringConvertible {
    /// `10.9.0.1 → 10.9.0.2`, `VXLAN 42`, `ERSPAN II session 5`.
    public var description: String {
        if let source, let destination { return "\(source) → \(destination)" }
        guard let identifier else { return kind.title(version) }
        let word =
            switch kind {
            case .gre: "key "
            case .erspan, .pppoe: "session "
            default: ""
            }
        return "\(kind.title(version)) \(word)\(identifier)"
    }
}

extension OuterLayer.Kind {
    fileprivate func title(_ version: UInt8?) -> String {
        switch self {
        case .ip: "IP"
        case .vlan: "VLAN"
        case .vnTag: "VN-tag"
        case .eTag: "E-tag"
        case .pbb: "PBB"
        case .macsec: "MACsec"
        case .mpls: "MPLS"
        case .ppp: "PPP"
        case .pppoe: "PPPoE"
        case .gre: "GRE"
        case .erspan: "ERSPAN " + String(repeating: "I", count: Int(version ?? 1))
        case .vxlan: "VXLAN"
        case .geneve: "GENEVE"
        case .tzsp: "TZSP"
        case .nsh: "NSH"
        case .gtp: "GTP"
        case .etherIP: "EtherIP"
        case .pim: "PIM register"
        }
    }
}

extension [OuterLayer] {
    /// `10.9.0.1 → 10.9.0.2 / VXLAN 42`, the outermost first.
    public var pathText: String { map(\.description).joined(separator: " / ") }
}
