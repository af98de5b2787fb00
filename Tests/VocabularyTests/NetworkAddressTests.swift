import Glibc
import Simulation
import Testing
import Vocabulary

/// Addresses as texts: what the C library reads is read alike, and nothing else.
struct NetworkAddressTests {
    @Test(arguments: [
        ("192.0.2.1", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("::", "::"),
        ("::1", "::1"),
        ("1::", "1::"),
        ("ff05::192:1", "ff05::192:1"),
        ("FF05:0:0:0:0:0:0192:1", "ff05::192:1"),
        ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
        ("1:0:0:2:0:0:0:3", "1:0:0:2::3"),
        ("::ffff:192.0.2.1", "::ffff:c000:201"),
        ("1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"),
    ])
    func `a number is read, and written as RFC 5952 says`(text: String, written: String) throws {
        let address = try #require(NetworkAddress(text: text))
        #expect(address.description == written)
        #expect(NetworkAddress(text: written) == address)
    }

    @Test(arguments: [
        "", "1", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.", ".1.2.3", "1.2.3.+4",
        ":", ":::", "1:2", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::",
        "1:2:3:4:5:6:7::8", "::1.2.3", "1.2.3.4::", "[::1]", "::1%lo", "1:2:3:4:5:6:7:1.2.3.4",
        "+1::", "host",
    ])
    func `anything else is no address`(text: String) {
        #expect(NetworkAddress(text: text) == nil)
        #expect(Self.system(text) == nil)
    }

    /// Texts made of the signs that addresses are made of, most of them wrong.
    @Test(arguments: 0..<16 as Range<UInt64>)
    func `the C library agrees`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let signs = ["0", "1", "9", "10", "255", "256", "00", "f", "FFFF", ":", "::", ".", "%"]
        var foundCount = 0
        for _ in 0..<20_000 {
            let isV4 = Bool.random(using: &random)
            let separator = isV4 ? "." : ":"
            var text = (0..<Int.random(in: 1...9, using: &random)).map { _ in
                signs[Int.random(in: 0..<(isV4 ? 7 : 9), using: &random)]
            }.joined(separator: separator)
            if Int.random(in: 0..<4, using: &random) == 0 {
                let at = text.index(
                    text.startIndex,
                    offsetBy: Int.random(in: 0...text.count, using: &random)
                )
                text.insert(contentsOf: signs.randomElement(using: &random) ?? "", at: at)
            }
            let ours = NetworkAddress(text: text)
            #expect(ours == Self.system(text), "\(text), seed \(seed)")
            if ours != nil { foundCount += 1 }
        }
        #expect(foundCount > 500)
    }

    private static func system(_ text: String) -> NetworkAddress? {
        var v4 = in_addr()
        var v6 = in6_addr()
        if inet_pton(AF_INET, text, &v4) == 1 {
            return NetworkAddress(v4: UInt32(bigEndian: v4.s_addr))
        }
        guard inet_pton(AF_INET6, text, &v6) == 1 else { return nil }
        return withUnsafeBytes(of: v6) { bytes in
            NetworkAddress(
                v6High: UInt64(bigEndian: bytes.load(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }
}
