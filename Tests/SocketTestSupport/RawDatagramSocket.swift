import Glibc

/// A UDP socket on loopback that knows no ZeroMQ: for transcripts of octets.
package final class RawDatagramSocket: Sendable {
    private let descriptor: CInt
    package let port: UInt16

    package init() throws {
        let descriptor = socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var local = Self.address(0)
        var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &local) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, byteCount) == 0
                    && getsockname(descriptor, $0, &byteCount) == 0
            }
        }
        guard descriptor >= 0, isBound else { throw TimedOut(awaited: "UDP socket") }
        self.descriptor = descriptor
        port = UInt16(bigEndian: local.sin_port)
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_RCVTIMEO,
            &patience,
            socklen_t(MemoryLayout<timeval>.size)
        )
    }

    deinit { close(descriptor) }

    package func send(_ octets: [UInt8], to port: Int) {
        var target = Self.address(UInt16(port))
        withUnsafeMutablePointer(to: &target) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = sendto(
                    descriptor,
                    octets,
                    octets.count,
                    0,
                    $0,
                    socklen_t(MemoryLayout<sockaddr_in>.size)
                )
            }
        }
    }

    /// The next datagram, and the port it came from. Blocks its thread: for a few datagrams that are on their way.
    package func receive() throws -> (octets: [UInt8], port: Int) {
        var octets = [UInt8](repeating: 0, count: 65_536)
        var sender = Self.address(0)
        var byteCount = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &octets, octets.count, 0, $0, &byteCount)
            }
        }
        guard count >= 0 else { throw TimedOut(awaited: "datagram") }
        return (Array(octets.prefix(count)), Int(UInt16(bigEndian: sender.sin_port)))
    }

    private static func address(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
