import CDatagrams
import Glibc

/// A classic BPF program that the kernel runs on every packet before it queues it.
struct SocketFilter {
    /// 16-bit code, two 8-bit jumps, 32-bit operand.
    private let instructions: [(UInt16, UInt8, UInt8, UInt32)]

    /// Nothing passes.
    static let nothing = SocketFilter(instructions: [(ret, 0, 0, 0)])

    /// Only what flows towards a source: its own data, looped back, must not fill its buffer.
    ///
    /// The type octet is the fifth of the PGM packet. For UDP the kernel shows the UDP header first, for raw IPv4 the IP
    /// header, for raw IPv6 neither.
    static func upstream(_ carrier: DatagramSocket.Carrier, isV4: Bool) -> SocketFilter {
        let load: [(UInt16, UInt8, UInt8, UInt32)]
        switch (carrier, isV4) {
        case (.udp, _): load = [(loadOctet, 0, 0, 8 + 4)]
        case (.raw, true): load = [(loadHeaderByteCount, 0, 0, 0), (loadOctetIndexed, 0, 0, 4)]
        case (.raw, false): load = [(loadOctet, 0, 0, 4)]
        }
        // NAK 8, NNAK 9, SPMR 12, ACK 13, POLR 2.
        return SocketFilter(
            instructions: load + [
                (jumpIfEqual, 5, 0, 0x08),
                (jumpIfEqual, 4, 0, 0x0C),
                (jumpIfEqual, 3, 0, 0x02),
                (jumpIfEqual, 2, 0, 0x0D),
                (jumpIfEqual, 1, 0, 0x09),
                (ret, 0, 0, 0),
                (ret, 0, 0, 0xFFFF_FFFF),
            ]
        )
    }

    func withProgram(_ body: (UnsafeRawPointer) -> Void) {
        var filters = instructions.map { sock_filter(code: $0.0, jt: $0.1, jf: $0.2, k: $0.3) }
        filters.withUnsafeMutableBufferPointer { buffer in
            var program = sock_fprog(len: UInt16(buffer.count), filter: buffer.baseAddress)
            withUnsafePointer(to: &program) { body(UnsafeRawPointer($0)) }
        }
    }

    private static let ret: UInt16 = 0x06
    private static let loadOctet: UInt16 = 0x30
    private static let loadOctetIndexed: UInt16 = 0x50
    /// X = 4 × (the low half of the octet): the length of an IPv4 header.
    private static let loadHeaderByteCount: UInt16 = 0xB1
    private static let jumpIfEqual: UInt16 = 0x15
}
