import Testing

@testable import ZMTP

/// The datagrams of RADIO and DISH.
struct GroupDatagramTests {
    private static func decode(_ octets: [UInt8]) -> (group: Range<Int>, body: Range<Int>)? {
        octets.withUnsafeBytes { GroupDatagram.decode($0) }
    }

    @Test func `group and body go both ways`() {
        let datagram = GroupDatagram.encode(group: "ab".utf8, body: "hello".utf8)
        #expect(datagram == octets("02 \"abhello\""))
        #expect(Self.decode(datagram ?? [])! == (1..<3, 3..<8))
        #expect(Self.decode([0])! == (1..<1, 1..<1))
        #expect(Self.decode([1, 65])! == (1..<2, 2..<2))
    }

    @Test func `what is cut short is none`() {
        #expect(Self.decode([]) == nil)
        #expect(Self.decode([1]) == nil)
        #expect(Self.decode([3, 65, 65]) == nil)
    }

    @Test func `a group has at most 255 octets`() {
        let long = [UInt8](repeating: 65, count: 255)
        #expect(GroupDatagram.encode(group: long, body: [])?.count == 256)
        #expect(GroupDatagram.encode(group: long + [65], body: []) == nil)
    }
}
