import Testing

@testable import ZMTP

/// The datagrams of RADIO and DISH.
struct GroupDatagramTests {
    private static func decode(_ octets: [UInt8]) -> (group: Range<Int>, body: Range<Int>)? {
        octets.withUnsafeBytes { GroupDatagram.decode($0) }
    }

    private static func encode(_ group: [UInt8], _ body: [UInt8]) -> [UInt8] {
        // What was there before is no part of it.
        var datagram: [UInt8] = [9, 9, 9]
        group.withUnsafeBytes { group in
            body.withUnsafeBytes { GroupDatagram.encode(group: group, body: $0, into: &datagram) }
        }
        return datagram
    }

    @Test func `group and body go both ways`() {
        let datagram = Self.encode(Array("ab".utf8), Array("hello".utf8))
        #expect(datagram == octets("02 \"abhello\""))
        #expect(Self.decode(datagram)! == (1..<3, 3..<8))
        #expect(Self.decode([0])! == (1..<1, 1..<1))
        #expect(Self.decode([1, 65])! == (1..<2, 2..<2))
    }

    @Test func `what is cut short is none`() {
        #expect(Self.decode([]) == nil)
        #expect(Self.decode([1]) == nil)
        #expect(Self.decode([3, 65, 65]) == nil)
    }

    @Test func `the longest group`() {
        let long = [UInt8](repeating: 65, count: 255)
        let datagram = Self.encode(long, [66])
        #expect(datagram == [255] + long + [66])
        #expect(Self.decode(datagram)! == (1..<256, 256..<257))
    }
}
