import Simulation
import Testing

@testable import CryptoBox

/// RFC 32.
struct Z85Tests {
    @Test func `the specification's example`() {
        let octets: [UInt8] = [0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B]
        #expect(Z85.encode(octets) == "HelloWorld")
        #expect(Z85.decode("HelloWorld") == octets)
    }

    @Test(arguments: UInt64(0)..<20)
    func `what is encoded is decoded`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for count in stride(from: 0, to: 200, by: 4) {
            let octets = generator.octets(count)
            let text = Z85.encode(octets)
            #expect(text.utf8.count == count / 4 * 5)
            #expect(Z85.decode(text) == octets)
        }
        #expect(Z85.decode("%nSc0") == [255, 255, 255, 255])
    }

    @Test(arguments: [
        // A length, a character, a value above 32 bits.
        "Hell", "HelloWorl", "Hell\"", "Hel o", "Hellö", "#####", "%nSc1",
    ])
    func `what is no Z85 is refused`(text: String) {
        #expect(Z85.decode(text) == nil)
    }
}
