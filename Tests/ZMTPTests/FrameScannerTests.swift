import Testing
import ZMTP

/// The scanner's events for given reads, and its limits (RFC 37 "Framing").
struct FrameScannerTests {
    typealias Event = FrameScanner.Event

    static func events(
        _ reads: [String],
        limits: FrameScanner.Limits = FrameScanner.Limits()
    ) -> [[Event]] {
        var scanner = FrameScanner(limits: limits)
        return reads.map { read in
            octets(read).withUnsafeBytes { bytes in
                var offset = 0
                var events: [Event] = []
                while true {
                    let before = offset
                    let event = scanner.next(bytes, from: &offset)
                    if case .drained = event { return events }
                    events.append(event)
                    // No progress: the events so far fail the comparison, instead of never ending.
                    if offset == before { return events }
                    if case .violation = event { return events }
                }
            }
        }
    }

    @Test
    func `whole messages are one run`() {
        let reads = ["00 01 41 01 01 74 00 00 02 00*6 01 00 5A*256"]
        #expect(Self.events(reads) == [[.run(0..<273, messageCount: 3)]])
    }

    @Test
    func `commands part runs`() {
        let reads = ["00 00 04 05 04 \"PONG\" 04 00 00 00 00 00"]
        let events: [Event] = [
            .run(0..<2, messageCount: 1), .command(4..<9), .command(11..<11),
            .run(11..<15, messageCount: 2),
        ]
        #expect(Self.events(reads) == [events])
    }

    @Test
    func `a command between frames turns them into pieces`() {
        let reads = ["00 00 01 01 74 04 05 04 \"PONG\" 00 01 62 00 00"]
        let events: [Event] = [
            .run(0..<2, messageCount: 1), .messagePiece(2..<5, isLast: false), .command(7..<12),
            .messagePiece(12..<15, isLast: true), .run(15..<17, messageCount: 1),
        ]
        #expect(Self.events(reads) == [events])
    }

    @Test
    func `what a read cuts is spilled and completed`() {
        let reads = ["00 01 41 00 03 41", "42 43 00", "00 04 02 03", "41"]
        let events: [[Event]] = [
            [.run(0..<3, messageCount: 1), .messagePiece(3..<6, isLast: false)],
            [.messagePiece(0..<2, isLast: true), .messagePiece(2..<3, isLast: false)],
            [.messagePiece(0..<1, isLast: true), .commandPiece(3..<4, isLast: false)],
            [.commandPiece(0..<1, isLast: true)],
        ]
        #expect(Self.events(reads) == events)
    }

    @Test
    func `a command's header never reaches its spill`() {
        let reads = ["04", "02", "41 42", "06 00*7", "00"]
        let events: [[Event]] = [
            [.commandPiece(1..<1, isLast: false)], [.commandPiece(1..<1, isLast: false)],
            [.commandPiece(0..<2, isLast: true)], [.commandPiece(8..<8, isLast: false)],
            [.commandPiece(1..<1, isLast: true)],
        ]
        #expect(Self.events(reads) == events)
    }

    @Test(arguments: [
        ("08 00", FrameViolation.reservedFlags(8)), ("FF", .reservedFlags(0xFF)),
        ("14", .reservedFlags(0x14)), ("01 00 80", .reservedFlags(0x80)),
        ("05", .commandWithMore), ("07 00", .commandWithMore), ("01 00 05 00", .commandWithMore),
        ("02 80 00*7", .frameTooLong(byteCount: .max, limit: .max)),
        ("03 FF*8", .frameTooLong(byteCount: .max, limit: .max)),
        ("01 00 02 7F FF*7", .frameTooLong(byteCount: .max, limit: .max)),
        ("06 FF*8", .frameTooLong(byteCount: .max, limit: 1 << 20)),
        ("06 00*5 10 00 01", .frameTooLong(byteCount: (1 << 20) + 1, limit: 1 << 20)),
    ])
    func `a broken rule is a violation at the octet that breaks it`(
        _ stream: String,
        _ violation: FrameViolation
    ) {
        let bytes = octets("00 01 41") + octets(stream)
        for readByteCount in [1, 2, 3, 7, bytes.count] {
            let reader = StreamReader.read(bytes) { _ in readByteCount }
            #expect(reader.violation == violation)
            #expect(reader.units == [.message([0, 1, 0x41])])
        }
    }

    @Test
    func `a broken stream stays broken`() {
        let reads = ["00 01 41 05", "00 01 41", "04 00"]
        let broken: [Event] = [.violation(.commandWithMore)]
        #expect(Self.events(reads) == [[.run(0..<3, messageCount: 1)] + broken, broken, broken])
    }

    @Test
    func `a length of 63 bits is only a long wait`() {
        let reads = ["02 7F FF*7", "41"]
        let events: [[Event]] = [
            [.messagePiece(0..<9, isLast: false)], [.messagePiece(0..<1, isLast: false)],
        ]
        #expect(Self.events(reads) == events)
    }

    /// Limits of 300 octets for messages and 10 for commands; `nil`: allowed.
    @Test(arguments: [
        ("02 00*6 01 2C 5A*300", nil),
        ("02 00*6 01 2D 5A*301", FrameViolation.frameTooLong(byteCount: 301, limit: 300)),
        ("02 00*6 01 2D", .frameTooLong(byteCount: 301, limit: 300)),
        // Earlier frames count with their headers: 2 + 200 + 98.
        ("01 C8 5A*200 00 62 5A*98", nil),
        ("01 C8 5A*200 00 63 5A*99", .frameTooLong(byteCount: 301, limit: 300)),
        ("01 C8 5A*200 04 0A 5A*10 00 62 5A*98", nil),
        ("01 C8 5A*200 04 0A 5A*10 00 63", .frameTooLong(byteCount: 301, limit: 300)),
        ("04 0B", .frameTooLong(byteCount: 11, limit: 10)),
        // A message's limit starts anew with each message.
        ("00 FF 5A*255 00 FF 5A*255 01 FA 5A*250 00 30 5A*48", nil),
    ])
    func `limits hold wherever reads end`(_ text: String, _ violation: FrameViolation?) {
        let limits = FrameScanner.Limits(messageByteCountMax: 300, commandByteCountMax: 10)
        let bytes = octets(text)
        for readByteCount in [1, 2, 3, 50, 203, 210, bytes.count] {
            let reader = StreamReader.read(bytes, limits: limits) { _ in readByteCount }
            #expect(reader.violation == violation, "reads of \(readByteCount)")
            #expect(reader.complaints == [])
        }
    }

    @Test(arguments: [1, 2, 1_000])
    func `endless empty frames are not kept without end`(readByteCount: Int) {
        let limits = FrameScanner.Limits(messageByteCountMax: 100)
        let endless = Array(repeatElement([1, 0] as [UInt8], count: 5_000).joined())
        let reader = StreamReader.read(endless, limits: limits) { _ in readByteCount }
        #expect(reader.violation == .frameTooLong(byteCount: 102, limit: 100))
        #expect(reader.spillByteCountMax <= 109)
    }
}
