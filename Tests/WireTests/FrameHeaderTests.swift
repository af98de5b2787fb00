import Simulation
import Testing
import Wire

/// RFC 37 "Framing": flags, then one octet of length up to 255, eight octets above.
struct FrameHeaderTests {
    struct Form: Sendable, CustomTestStringConvertible {
        var bodyByteCount: Int
        var hasMore = false
        var isCommand = false
        var header: [UInt8]

        var testDescription: String {
            "\(bodyByteCount) octets, more \(hasMore), command \(isCommand)"
        }
    }

    static let forms: [Form] = [
        Form(bodyByteCount: 0, header: [0x00, 0]),
        Form(bodyByteCount: 1, header: [0x00, 1]),
        Form(bodyByteCount: 255, header: [0x00, 255]),
        Form(bodyByteCount: 256, header: [0x02, 0, 0, 0, 0, 0, 0, 1, 0]),
        Form(bodyByteCount: 70_000, header: [0x02, 0, 0, 0, 0, 0, 1, 0x11, 0x70]),
        Form(bodyByteCount: 0, hasMore: true, header: [0x01, 0]),
        Form(bodyByteCount: 256, hasMore: true, header: [0x03, 0, 0, 0, 0, 0, 0, 1, 0]),
        Form(bodyByteCount: 255, isCommand: true, header: [0x04, 255]),
        Form(bodyByteCount: 256, isCommand: true, header: [0x06, 0, 0, 0, 0, 0, 0, 1, 0]),
    ]

    @Test(arguments: forms)
    func `a frame is its header, then its body`(_ form: Form) {
        var generator = SeededGenerator(seed: UInt64(form.bodyByteCount))
        let body = generator.octets(form.bodyByteCount)
        var frame: [UInt8] = [0xEE]
        body.withUnsafeBytes {
            FrameHeader.append(
                body: $0,
                hasMore: form.hasMore,
                isCommand: form.isCommand,
                to: &frame
            )
        }
        #expect(frame == [0xEE] + form.header + body)
        #expect(FrameHeader.frameByteCount(bodyByteCount: body.count) == frame.count - 1)
    }

    @Test(arguments: forms)
    func `the flags octet says what follows`(_ form: Form) {
        let header = FrameHeader(flags: form.header[0], bodyByteCount: form.bodyByteCount)
        #expect(header.byteCount == form.header.count)
        #expect(header.hasMore == form.hasMore)
        #expect(header.isCommand == form.isCommand)
        #expect(header.flags & FrameHeader.reserved == 0)
        #expect(header.byteCount <= FrameHeader.byteCountMax)
    }
}
