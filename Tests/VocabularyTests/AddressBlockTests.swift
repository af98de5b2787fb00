import Testing
import Vocabulary

struct AddressBlockTests {
    @Test(arguments: [
        ("10.0.0.0/8", ["10.0.0.0", "10.255.255.255", "::ffff:10.1.2.3"], ["11.0.0.0", "::1"]),
        ("192.0.2.1", ["192.0.2.1"], ["192.0.2.0", "192.0.2.2"]),
        ("0.0.0.0/0", ["0.0.0.0", "255.255.255.255"], ["::", "::1"]),
        ("fd00::/8", ["fd00::1", "fdff::"], ["fc00::", "fe00::"]),
        ("2001:db8:0:1::/64", ["2001:db8:0:1:ffff::1"], ["2001:db8:0:2::"]),
        ("2001:db8::1:0:0:0/80", ["2001:db8::1:0:0:1"], ["2001:db8::2:0:0:0"]),
        ("::1", ["::1"], ["::2", "0.0.0.1"]),
        ("::/0", ["::", "ffff::"], ["1.2.3.4"]),
        ("::ffff:0:0/96", ["::ffff:1.2.3.4"], ["1.2.3.4"]),
    ])
    func `a block holds what begins like it`(
        text: String,
        inside: [String],
        outside: [String]
    ) throws {
        let block = try #require(AddressBlock(text))
        for address in inside {
            #expect(block.contains(try #require(NetworkAddress(text: address))), "\(address)")
        }
        for address in outside {
            #expect(!block.contains(try #require(NetworkAddress(text: address))), "\(address)")
        }
        #expect(AddressBlock("\(block)") == block)
    }

    @Test(arguments: [
        "", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/8/8",
        "::/129",
        "10.0.0.1/8", "fd00::1/64", "localhost", "10.0.0.0 /8",
    ])
    func `what is no block is refused`(text: String) {
        #expect(AddressBlock(text) == nil)
    }
}
