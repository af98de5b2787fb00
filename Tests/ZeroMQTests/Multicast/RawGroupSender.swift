import Glibc
import PGM

/// A UDP socket that sends any octets to a group on the loop-back interface, or to an address of it.
final class RawGroupSender {
    private let descriptor: CInt
    private let port: UInt16

    init(port: UInt16) throws {
        self.port = port
        descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        var request = ip_mreqn()
        request.imr_ifindex = Int32(if_nametoindex("lo"))
        setsockopt(
            descriptor,
            Int32(IPPROTO_IP),
            IP_MULTICAST_IF,
            &request,
            socklen_t(MemoryLayout<ip_mreqn>.size)
        )
    }

    deinit {
        close(descriptor)
    }

    struct Failure: Error {
        var number: Int32
    }

    func send(_ bytes: [UInt8], to address: String) throws {
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &target.sin_addr)
        let count = bytes.withUnsafeBytes { bytes in
            withUnsafePointer(to: target) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    sendto(
                        descriptor,
                        bytes.baseAddress,
                        bytes.count,
                        0,
                        $0,
                        socklen_t(MemoryLayout<sockaddr_in>.size)
                    )
                }
            }
        }
        guard count == bytes.count else { throw Failure(number: errno) }
    }

    func send(_ packet: Packet, to address: String) throws {
        try send(packet.encoded(), to: address)
    }
}
