import Dissection
import Testing

@Suite struct IPAddressTests {
    @Test func `multicast ranges of both families`() {
        #expect(IPAddress(v4: 0xEFC0_0101).isMulticast)
        #expect(!IPAddress(v4: 0x0A4D_0001).isMulticast)
        #expect(IPAddress(v6High: 0xFF15 << 48, low: 1).isMulticast)
        #expect(!IPAddress(v6High: 0xFE80 << 48, low: 1).isMulticast)
    }

    @Test(arguments: [
        "0.0.0.0", "239.192.1.1", "::", "::1", "1::", "2001:db8::1", "2001:db8:0:1:1:1:1:1",
        "2001:0:0:1::1", "ff02::16", "::ffff:10.77.0.1", "1:2:3:4:5:6:7:8",
    ])
    func `text is the shortest form and reads back`(text: String) {
        #expect(IPAddress(text)?.description == text)
    }

    @Test(arguments: [
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"), ("::0:1", "::1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("64:ff9b::10.77.0.1", "64:ff9b::a4d:1"),
    ])
    func `other forms are read`(text: String, shortest: String) {
        #expect(IPAddress(text)?.description == shortest)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "256.0.0.1", "1.2.3.+4", "1..2.3", "0001.2.3.4", ":", ":::",
        "1:2",
        "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7::8", "12345::", "g::", "1.2.3.4::",
        "::1.2.3",
        "fe80::1%eth0", "+1::",
    ])
    func `what is no address is refused`(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
