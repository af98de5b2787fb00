import Simulation
import Testing
import Wire

struct MessageWalkerTests {
    /// What the walker should find, parsed the slow and obvious way.
    struct Found: Equatable {
        var message: [UInt8]
        var topic: [UInt8]
    }

    static func parse(_ bytes: [UInt8]) -> [Found] {
        var found: [Found] = []
        var message: [UInt8] = []
        var topic: [UInt8]?
        var rest = bytes[...]
        while let flags = rest.popFirst() {
            let lengthOctets = rest.prefix(flags & 2 == 0 ? 1 : 8)
            rest = rest.dropFirst(lengthOctets.count)
            let body = rest.prefix(lengthOctets.reduce(0) { $0 << 8 | Int($1) })
            rest = rest.dropFirst(body.count)
            message += [flags] + lengthOctets + body
            topic = topic ?? Array(body)
            if flags & 1 == 0 {
                found.append(Found(message: message, topic: topic ?? []))
                (message, topic) = ([], nil)
            }
        }
        return found
    }

    static func walk(_ bytes: [UInt8]) -> [Found] {
        bytes.withUnsafeBytes { raw in
            var found: [Found] = []
            var walker = MessageWalker(raw)
            while walker.next() {
                found.append(
                    Found(
                        message: Array(raw[walker.start..<walker.end]),
                        topic: Array(raw[walker.topic])
                    )
                )
            }
            return found
        }
    }

    /// Messages of one to four frames; a short body may come in the long form, which RFC 37 allows.
    static func randomRun(seed: UInt64, messageCount: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        let lengths = [0, 1, 2, 17, 254, 255, 256, 257, 3_000]
        var bytes: [UInt8] = []
        for _ in 0..<messageCount {
            let frameCount = Int.random(in: 1...4, using: &generator)
            for frame in 1...frameCount {
                let body = generator.octets(lengths.randomElement(using: &generator) ?? 0)
                let more: UInt8 = frame < frameCount ? 1 : 0
                if body.count < 256, Bool.random(using: &generator) {
                    bytes += [more, UInt8(body.count)]
                } else {
                    bytes.append(more | 2)
                    BigEndian.append(UInt64(body.count), to: &bytes)
                }
                bytes += body
            }
        }
        return bytes
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `finds what a naive parser finds`(seed: UInt64) {
        let bytes = Self.randomRun(seed: seed, messageCount: 20)
        let found = Self.walk(bytes)
        #expect(found.count == 20)
        #expect(found == Self.parse(bytes))
        #expect(found.flatMap(\.message) == bytes)
    }

    @Test
    func `an empty run has no message`() {
        #expect(Self.walk([]).isEmpty)
    }

    @Test
    func `the end is found again and again`() {
        ([0x00, 1, 0x41] as [UInt8]).withUnsafeBytes { raw in
            var walker = MessageWalker(raw)
            let steps = [walker.next(), walker.next(), walker.next()]
            #expect(steps == [true, false, false])
            #expect(walker.topic == 2..<3)
            #expect(walker.end == 3)
        }
    }

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `the first messages take their octets`(seed: UInt64) {
        let bytes = Self.randomRun(seed: seed, messageCount: 8)
        let messages = Self.parse(bytes).map(\.message)
        bytes.withUnsafeBytes { raw in
            for count in 0...8 {
                let expected = messages.prefix(count).reduce(0) { $0 + $1.count }
                #expect(MessageWalker.byteCount(ofFirst: count, in: raw) == expected)
            }
            #expect(MessageWalker.byteCount(ofFirst: 9, in: raw) == bytes.count)
            #expect(MessageWalker.byteCount(ofFirst: -1, in: raw) == 0)
        }
    }
}
