import Dissection
import Inspector
import Simulation
import Testing

/// RADIO/DISH over UDP is found, and nothing else is taken for it.
@Suite struct RadioTests {
    private func reports(_ datagrams: [[UInt8]]) -> [RadioReport] {
        let table = SessionTable()
        for (index, bytes) in datagrams.enumerated() {
            bytes.withUnsafeBytes { payload in
                table.handle(
                    UDPDatagram(
                        datagram: Datagram(
                            capture: 0,
                            interface: 0,
                            packetNumber: index + 1,
                            nanoseconds: Int64(index),
                            source: IPAddress(v4: 1),
                            destination: IPAddress(v4: 0xEFC0_0101),
                            protocolNumber: 17,
                            timeToLive: 1,
                            trafficClass: 0,
                            isReassembled: false,
                            missingByteCount: 0,
                            payload: payload
                        ),
                        sourcePort: 40_000,
                        destinationPort: 5555,
                        payload: payload
                    )
                )
            }
        }
        table.finish()
        return table.radioReports
    }

    private func message(_ group: String, _ body: String) -> [UInt8] {
        [UInt8(group.utf8.count)] + Array(group.utf8) + Array(body.utf8)
    }

    @Test func `groups and their messages are counted`() {
        let found = reports(
            (0..<10).map { message($0 < 7 ? "weather" : "news", "body \($0)") } + [
                message("news", "")
            ]
        )
        #expect(found.count == 1)
        #expect(found.first?.messageCount == 11)
        #expect(found.first?.groups.map(\.name) == ["weather", "news"])
        #expect(found.first?.groups.map(\.messageCount) == [7, 4])
        #expect(found.first?.byteCount == 60)
    }

    @Test func `one datagram that does not fit denies it`() {
        #expect(
            reports([message("a", "1"), message("a", "2"), message("a", "3"), [0, 0, 0]]).isEmpty
        )
        #expect(reports([message("a", "1"), message("a", "2")]).isEmpty)
    }

    @Test func `text, DNS and noise are no RADIO`() {
        #expect(reports((0..<20).map { Array("gorets:\($0)|c".utf8) }).isEmpty)
        let query: [UInt8] =
            [1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3] + Array("www".utf8) + [0, 0, 1, 0, 1]
        #expect(reports((0..<20).map { [5, UInt8($0)] + query }).isEmpty)
        for seed in UInt64(0)..<200 {
            var random = SeededGenerator(seed: seed)
            #expect(reports((0..<20).map { _ in random.octets(60) }).isEmpty, "seed \(seed)")
        }
    }
}
