import Testing

@testable import xylem

@Suite struct LoadMessageTests {
    @Test func `the record stands at the end of the frame`() {
        var frame = LoadMessage.makeFrame(topic: Array("ab".utf8), byteCount: 28)
        let message = LoadMessage(publisher: 0x0102_0304, sequence: 5, sentAt: 0x0607)
        frame.withUnsafeMutableBytes { message.write(to: $0) }
        #expect(
            frame == Array("ab".utf8) + [0, 0] + Array("XYL1".utf8) + [1, 2, 3, 4]
                + [0, 0, 0, 0, 0, 0, 0, 5] + [0, 0, 0, 0, 0, 0, 6, 7]
        )
        #expect(frame.withUnsafeBytes { LoadMessage(frame: $0) } == message)
    }

    @Test(arguments: [0, 1, 23, 24, 25, 300]) func `other frames are no load`(byteCount: Int) {
        let frame = [UInt8](repeating: 0x58, count: byteCount)
        #expect(frame.withUnsafeBytes { LoadMessage(frame: $0) } == nil)
    }

    @Test func `the smallest frame is a topic and a record`() {
        #expect(LoadMessage.makeFrame(topic: [7], byteCount: 25).count == 25)
    }
}

@Suite struct PacerTests {
    @Test func `messages are due at equal distances`() {
        let pacer = Pacer(rate: 1_000)
        #expect(pacer.nanosecondsToWait(before: 0, elapsedNanoseconds: 0) == 0)
        #expect(pacer.nanosecondsToWait(before: 5, elapsedNanoseconds: 2_000_000) == 3_000_000)
    }

    @Test func `who is late does not wait`() {
        #expect(Pacer(rate: 10).nanosecondsToWait(before: 1, elapsedNanoseconds: 200_000_000) == 0)
    }
}
