/// How a capture is written.
public enum CaptureFormat: Sendable, Equatable {
    /// Magic 0xA1B2C3D4 and its relatives. `isModified`: Kuznetsov's record headers of 24 octets.
    case pcap(isNanosecond: Bool, isBigEndian: Bool, isModified: Bool)
    /// Of the first section.
    case pcapng(isBigEndian: Bool)
    /// From an interface, not from a file.
    case live
    /// The input ended before its format could be told, or it is no capture.
    case unknown

    /// `pcap`, `pcap-ns`, `pcapng`, `live`, `unknown`; the byte order is a matter for debugging only.
    public var name: String {
        switch self {
        case .pcap(let isNanosecond, _, _): isNanosecond ? "pcap-ns" : "pcap"
        case .pcapng: "pcapng"
        case .live: "live"
        case .unknown: "unknown"
        }
    }
}
