import Testing

@testable import ZMTP

/// RFC 37 "Greeting" and "Version Negotiation".
struct GreetingTests {
    static func decode(_ bytes: [UInt8]) throws -> Greeting {
        try Greeting.decode(bytes)
    }

    @Test
    func `we send 64 octets with zero padding`() {
        let golden = octets("FF 00*8 7F 03 01 \"NULL\" 00*16 00 00*31")
        #expect(golden.count == 64)
        #expect(Greeting(mechanism: "NULL").encoded == golden)
    }

    @Test
    func `a server of another mechanism says so`() {
        let golden = octets("FF 00*8 7F 03 00 \"CURVE\" 00*15 01 00*31")
        #expect(Greeting(minor: 0, mechanism: "CURVE", isServer: true).encoded == golden)
    }

    @Test
    func `libzmq's greeting is understood, padding and all`() throws {
        // As libzmq 4.3.4 sends it: its padding holds a length that ZMTP 1.0 peers read.
        let captured = octets("FF 00*7 01 7F 03 01 \"NULL\" 00*48")
        #expect(try Self.decode(captured) == Greeting(mechanism: "NULL"))
    }

    @Test
    func `padding has no meaning and later versions are welcome`() throws {
        // "MUST NOT validate this", "MUST accept higher protocol versions as valid".
        let bytes = octets("FF DE AD BE EF 01 02 03 04 7F 04 07 \"NULL\" 00*16 00 AB*31")
        #expect(try Self.decode(bytes) == Greeting(major: 4, minor: 7, mechanism: "NULL"))
    }

    @Test(arguments: [
        "FF 00*8 7F 03 01 \"NU\" 00 \"LL\" 00*15 00*32",
        "FF 00*8 7F 03 01 \"N LL\" 00*16 00*32",
        "FF 00*8 7F 03 01 FF*20 00*32",
    ])
    func `a mechanism's name is printable, and padded with zeros`(_ text: String) {
        #expect(throws: HandshakeFailure.malformedGreeting) { try Self.decode(octets(text)) }
    }
}
