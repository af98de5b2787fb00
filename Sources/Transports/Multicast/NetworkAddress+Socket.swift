import CDatagrams
import Glibc
import Vocabulary

/// Addresses as the kernel's structures.
extension NetworkAddress {
    init(_ address: in6_addr) {
        self = withUnsafeBytes(of: address) { bytes in
            // An `in6_addr` is aligned to four octets.
            NetworkAddress(
                v6High: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }

    /// `nil` for what is not an address of IP.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let v4 = raw.loadUnaligned(as: sockaddr_in.self)
            self.init(v4: UInt32(bigEndian: v4.sin_addr.s_addr))
        case AF_INET6:
            self.init(raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr)
        default: return nil
        }
    }

    var kernelFamily: Int32 { family == .v4 ? AF_INET : AF_INET6 }

    /// fe80::/10, or a group of the interface or link: it means nothing without an interface.
    var needsScope: Bool {
        guard family == .v6 else { return false }
        return high >> 54 == 0x3FA || high >> 48 & 0xFF0F == 0xFF01 || high >> 48 & 0xFF0F == 0xFF02
    }

    var v4Address: in_addr { in_addr(s_addr: UInt32(truncatingIfNeeded: low).bigEndian) }

    var v6Address: in6_addr {
        var address = in6_addr()
        withUnsafeMutableBytes(of: &address) { bytes in
            bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
            bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return address
    }
}

/// Where datagrams go, as the kernel wants it; made once, used for every send.
struct KernelAddress {
    private var storage = sockaddr_storage()
    let byteCount: socklen_t

    /// `interfaceIndex` tells IPv6 which link is meant.
    init(_ address: NetworkAddress, port: UInt16, interfaceIndex: UInt32) {
        switch address.family {
        case .v4:
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            v4.sin_addr = address.v4Address
            byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v4, as: sockaddr_in.self) }
        case .v6:
            var v6 = sockaddr_in6()
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            v6.sin6_addr = address.v6Address
            v6.sin6_scope_id = address.needsScope ? interfaceIndex : 0
            byteCount = socklen_t(MemoryLayout<sockaddr_in6>.size)
            withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: v6, as: sockaddr_in6.self) }
        }
    }

    func withPointer<Result>(_ body: (UnsafePointer<sockaddr>) -> Result) -> Result {
        withUnsafePointer(to: storage) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
        }
    }
}
