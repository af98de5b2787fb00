import Inspector
import Testing

@Suite struct IPAddressTests {
    @Test func `multicast ranges of both families`() {
        #expect(IPAddress(v4: 0xEFC0_0101).isMulticast)
        #expect(!IPAddress(v4: 0x0A4D_0001).isMulticast)
        #expect(IPAddress(v6High: 0xFF15 << 48, low: 1).isMulticast)
        #expect(!IPAddress(v6High: 0xFE80 << 48, low: 1).isMulticast)
    }
}
