import PGM
import Simulation
import Testing

struct FramingTests {
    @Test func `a short and a long message look as libzmq sends them`() {
        let short = FramedStream.tsdus([FramedStream.message([[1, 2, 3]])], byteCount: 100)
        #expect(short == [[0, 0, 4, 0, 1, 2, 3]])
        let long = FramedStream.tsdus(
            [FramedStream.message([[UInt8](repeating: 7, count: 3_000), [9]])],
            byteCount: 1_428
        )
        #expect(long[0].prefix(12) == [0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0x0B, 0xB9, 1])
        #expect(long[1].prefix(3) == [0xFF, 0xFF, 7])
        #expect(long.map(\.count) == [1_428, 1_428, 2 + 10 + 3_000 + 3 - 2 * 1_426])
        #expect(long[2].suffix(3) == [2, 0, 9])
    }

    @Test func `frames of 253 and 254 octets sit on both sides of the limit`() {
        let edge = FramedStream.tsdus(
            [253, 254].map { FramedStream.message([[UInt8](repeating: 7, count: $0)]) },
            byteCount: 1_000
        )[0]
        #expect(edge[2...3] == [254, 0])
        #expect(edge[257...266] == [0xFF, 0, 0, 0, 0, 0, 0, 0, 255, 0])
    }

    @Test func `messages share a packet, and the offset is that of the first start`() {
        let runs = [FramedStream.message([[1], [2]]) + FramedStream.message([[3, 4, 5, 6]])]
        let tsdus = FramedStream.tsdus(runs, byteCount: 9)
        #expect(tsdus == [[0, 0, 2, 1, 1, 2, 0, 2], [0, 0, 5, 0, 3, 4, 5, 6]])
        let late = FramedStream.tsdus(runs, byteCount: 5)
        #expect(late[1...2] == [[0xFF, 0xFF, 2, 0, 2], [0, 0, 5, 0, 3]])
    }

    @Test func `whatever the packets' size, the messages come back`() {
        for seed in 0..<400 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let byteCount = Int.random(in: 4...(seed % 2 == 0 ? 40 : 1_500), using: &generator)
            let runs = (0..<6).map { _ in
                (0..<Int.random(in: 1...5, using: &generator)).flatMap { _ in
                    FramedStream.randomMessage(&generator)
                }
            }
            var stream = FramedStream()
            var longest = 0
            let tsdus = FramedStream.tsdus(runs, byteCount: byteCount, isFlushed: seed % 3 == 0)
            for tsdu in tsdus {
                let result = stream.decode(tsdu)
                longest = max(longest, result.writtenByteCount - tsdu.count)
            }
            let isSame = stream.output == runs.flatMap { $0 }
            #expect(isSame, "seed \(seed)")
            #expect(stream.messageCount == stream.messages.count && stream.violations.isEmpty)
            #expect(longest <= FramingDecoder.splitHeadByteCountMax)
        }
    }

    @Test func `who joins late starts at a message, who loses packets goes on at one`() {
        for seed in 0..<400 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            let sent = (0..<30).map { _ in FramedStream.randomMessage(&generator) }
            let byteCount = Int.random(in: 4...700, using: &generator)
            let tsdus = FramedStream.tsdus([sent.flatMap { $0 }], byteCount: byteCount)
            var stream = FramedStream()
            var lostCount = 0
            for tsdu in tsdus.dropFirst(Int.random(in: 0..<3, using: &generator)) {
                if Int.random(in: 0..<6, using: &generator) == 0 {
                    stream.lose()
                    lostCount += 1
                } else {
                    stream.decode(tsdu)
                }
            }
            stream.lose()
            // A subsequence of what was sent: nothing is torn, nothing comes twice.
            var rest = sent[...]
            for message in stream.messages {
                guard let index = rest.firstIndex(of: message) else {
                    Issue.record("seed \(seed): a message that was not sent, or too late")
                    return
                }
                rest = rest[(index + 1)...]
            }
            #expect(stream.messageCount == stream.messages.count && stream.violations.isEmpty)
        }
    }

    @Test func `joined or not, an offset at the very end means the next packet`() {
        var stream = FramedStream()
        stream.decode([0, 3, 9, 9, 9])
        #expect(stream.decoder.isJoined && stream.output.isEmpty)
        stream.decode([0, 0, 2, 0, 5])
        #expect(stream.output == [0, 1, 5] && stream.messageCount == 1)
    }

    @Test func `what ends libzmq is named and survived`() {
        var stream = FramedStream()
        stream.decode([])
        stream.decode([0])
        stream.decode([0, 9, 1, 2])
        stream.decode([0, 0, 0, 0, 1])
        #expect(
            stream.violations == [.missingOffset, .missingOffset, .offsetBeyondEnd, .emptyFrame]
        )
        stream.decode([0, 0, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(stream.violations.last == .emptyFrame && !stream.decoder.isJoined)
        stream.decode([0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0])
        #expect(stream.violations.last == .messageTooLong)
        stream.decode([0, 0, 2, 0, 5])
        #expect(stream.output == [0, 1, 5])
        #expect(Set(FramingViolation.allCases.map(\.description)).count == 5)
    }

    @Test func `an offset that contradicts the frames parts the stream from its sender`() {
        var stream = FramedStream()
        stream.decode([0, 0, 4, 0, 1])  // two octets of the body are to come
        stream.decode([0, 1, 2, 3, 2, 0, 9])
        #expect(stream.violations == [.offsetMismatch] && !stream.decoder.isJoined)
        stream.decode([0, 2, 2, 3, 2, 0, 9])
        #expect(stream.messages.last == [0, 1, 9])
    }

    @Test func `a message over the limit is dropped, and the next one comes`() {
        var stream = FramedStream(messageByteCountMax: 100)
        let runs = [99, 101, 3].map { FramedStream.message([[UInt8](repeating: 1, count: $0)]) }
        for tsdu in FramedStream.tsdus(runs, byteCount: 60, isFlushed: true) {
            stream.decode(tsdu)
        }
        #expect(stream.messages.map(\.count) == [101, 5])
        #expect(stream.violations == [.messageTooLong])
        var many = FramedStream(messageByteCountMax: 100)
        let frames = [[UInt8]](repeating: [1, 2, 3], count: 40)
        for tsdu in FramedStream.tsdus([FramedStream.message(frames)], byteCount: 60) {
            many.decode(tsdu)
        }
        #expect(many.output.isEmpty && many.violations == [.messageTooLong])
    }

    @Test func `a long message says how much of it is missing`() {
        var stream = FramedStream()
        let message = FramedStream.message([[UInt8](repeating: 1, count: 1_000_000)])
        let tsdus = FramedStream.tsdus([message], byteCount: 1_428)
        let result = stream.decode(tsdus[0])
        #expect(result.missingByteCount == 1_000_000 - 1_416 && result.openByteCount == 1_425)
        for tsdu in tsdus.dropFirst() { stream.decode(tsdu) }
        #expect(stream.output == message)
    }

    @Test func `no octets end the process, and what comes out is whole messages`() {
        for seed in 0..<3_000 as Range<UInt64> {
            var generator = SeededGenerator(seed: seed)
            var stream = FramedStream(messageByteCountMax: 5_000)
            let runs = [FramedStream.randomMessage(&generator)]
            for var tsdu in FramedStream.tsdus(runs, byteCount: 4 + Int(seed % 300)) {
                for _ in 0..<Int.random(in: 0..<3, using: &generator) {
                    let index = Int.random(in: 0..<tsdu.count, using: &generator)
                    tsdu[index] = UInt8(truncatingIfNeeded: generator.next())
                }
                stream.decode(tsdu)
                stream.decode(generator.octets(Int.random(in: 0..<30, using: &generator)))
            }
            stream.lose()
            #expect(stream.messages.count == stream.messageCount, "seed \(seed)")
            #expect(stream.messages.reduce(0) { $0 + $1.count } == stream.output.count)
        }
    }
}
