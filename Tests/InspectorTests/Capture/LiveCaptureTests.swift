import Captures
import Dissection
import Glibc
import PGM
import Testing

@Suite struct LiveCaptureTests {
    @Test func `an interface that is not there is told with those that are`() {
        do {
            _ = try LiveCapture(interface: "xylem-nowhere")
            Issue.record("listens at nothing")
        } catch {
            let isHelpful =
                error.problem.contains("no such interface; there are:")
                || error.problem.contains("not permitted")
            #expect(isHelpful, "\(error)")
        }
    }

    @Test(.enabled(if: mayCapture(), "needs the right to capture"))
    func `a filter without sense is refused`() {
        var options = LiveCapture.Options()
        options.filter = "udp prot 5555"
        #expect(throws: CaptureError.self) { try LiveCapture(interface: "lo", options: options) }
    }

    @Test(.enabled(if: mayCapture(), "needs the right to capture"))
    func `packets of the loopback interface, as the filter chooses them`() throws {
        let receiver = try boundSocket()
        defer { close(receiver.descriptor) }
        var options = LiveCapture.Options()
        options.filter = "udp port \(receiver.port)"
        let capture = try LiveCapture(interface: "lo", options: options)
        let dissector = Dissector()
        for sequence in 0..<10 as Range<UInt32> {
            try send(PacketBytes.odata(sequence), to: receiver.port)
        }
        var sequences: [UInt32] = []
        // Bounded: a packet that does not come is a failure, not a hang.
        for _ in 0..<200 where sequences.count < 10 {
            guard let packet = try capture.nextPacket(within: 20) else { continue }
            guard case .pgm(let pgm) = dissector.dissect(packet, of: 0) else { continue }
            #expect(pgm.checksum == .valid)
            sequences.append(pgm.packet.sequence.rawValue)
        }
        #expect(sequences == Array(0..<10))
        capture.updateDrops()
        #expect(capture.contents.interfaces.map(\.name) == ["lo"])
        #expect(capture.contents.interfaces[0].drops.kernel == 0)
        #expect(capture.contents.packetCount == 10)
    }

    /// Says so when it is not permitted here.
    private static func mayCapture() -> Bool {
        do {
            _ = try LiveCapture(interface: "lo")
            return true
        } catch {
            print("SKIPPED: \(error)")
            return false
        }
    }

    private func boundSocket() throws -> (descriptor: Int32, port: UInt16) {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0
                    && getsockname(descriptor, generic, &length) == 0
            }
        }
        try #require(isBound)
        return (descriptor, UInt16(bigEndian: address.sin_port))
    }

    private func send(_ bytes: [UInt8], to port: UInt16) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: port)
        let count = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                sendto(
                    descriptor,
                    bytes,
                    bytes.count,
                    0,
                    generic,
                    socklen_t(MemoryLayout<sockaddr_in>.size)
                )
            }
        }
        try #require(count == bytes.count)
    }

    private func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
