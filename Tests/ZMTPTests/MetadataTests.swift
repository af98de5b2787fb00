import Simulation
import Testing

@testable import ZMTP

/// RFC 37 "The NULL Security Mechanism": the properties of READY.
struct MetadataTests {
    static func decode(_ bytes: [UInt8]) throws -> Metadata {
        try bytes.withUnsafeBytes { try Metadata.decode($0) }
    }

    @Test
    func `names compare without case, and the first of equal names counts`() throws {
        let metadata = try Self.decode(octets("03 \"X-a\" 00*3 01 31 03 \"x-A\" 00*3 01 32"))
        #expect(metadata.properties.map(\.name) == ["X-a", "x-A"])
        #expect(metadata["X-A"] == [0x31])
        #expect(metadata.text("x-a") == "1")
        #expect(metadata["X-b"] == nil)
    }

    @Test
    func `values are any octets, also none`() throws {
        let metadata = try Self.decode(octets("01 \"a\" 00*4 01 \"b\" 00 00 01 00 FF*256"))
        #expect(metadata["a"] == [])
        #expect(metadata["b"] == [UInt8](repeating: 0xFF, count: 256))
        #expect(metadata.text("b") == nil)
    }

    @Test(arguments: [
        "00", "00 00*4", "01", "01 \"a\"", "01 \"a\" 00*3", "01 \"a\" 00*3 01",
        "01 \"a\" FF*4 00", "01 \"a\" 7F FF FF FF", "01 20 00*4", "02 \"a\" 7F 00*4", "01 C3 00*4",
        "01 \"a\" 00*4 00",
    ])
    func `metadata that does not add up is refused`(_ text: String) {
        #expect(throws: HandshakeFailure.self) { try Self.decode(octets(text)) }
    }

    @Test
    func `a peer may give 256 properties and no more`() throws {
        let property = octets("01 \"a\" 00*4")
        let most = (0..<256).flatMap { _ in property }
        #expect(try Self.decode(most).properties.count == 256)
        #expect(throws: HandshakeFailure.self) { try Self.decode(most + property) }
    }

    @Test(arguments: 0..<50 as Range<UInt64>)
    func `what is encoded is decoded`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var metadata = Metadata()
        for _ in 0..<Int.random(in: 0...8, using: &generator) {
            let nameByteCount = [1, 5, 255].randomElement(using: &generator) ?? 1
            let name = generator.octets(nameByteCount).map { 0x41 + $0 % 26 }
            let value = generator.octets(Int.random(in: 0...300, using: &generator))
            metadata.append(String(decoding: name, as: UTF8.self), value)
        }
        #expect(try Self.decode(metadata.encoded) == metadata)
    }
}
