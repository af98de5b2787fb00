import Testing
import Wire

struct BigEndianTests {
    @Test
    func `numbers are most significant octet first, at any alignment`() {
        var bytes: [UInt8] = [0xAA]
        BigEndian.append(0x0102 as UInt16, to: &bytes)
        BigEndian.append(0x0304_0506 as UInt32, to: &bytes)
        BigEndian.append(0x0708_090A_0B0C_0D0E as UInt64, to: &bytes)
        #expect(bytes == [0xAA] + Array(1...14))
        bytes.withUnsafeBytes {
            #expect(BigEndian.loadUInt16($0, at: 1) == 0x0102)
            #expect(BigEndian.loadUInt32($0, at: 3) == 0x0304_0506)
            #expect(BigEndian.loadUInt64($0, at: 7) == 0x0708_090A_0B0C_0D0E)
        }
    }
}
