import Dissection
import PGM
import Simulation
import Testing
@testable import Inspector

/// Messages cut into packets anywhere, lost packets, repairs that come late.
@Suite struct MessageReaderTests {
    struct Chunked {
        var payloads: [[UInt8]] = []
        var messages: [[[UInt8]]] = []
        /// By message: the packet in which it begins and the one in which it ends.
        var spans: [ClosedRange<Int>] = []
    }

    /// Frames as ZMTP 1.0 writes them, cut into payloads of random length with libzmq's offset word.
    static func chunked(_ generator: inout SeededGenerator) -> Chunked {
        var result = Chunked()
        var stream: [UInt8] = []
        var starts: [Int] = []
        var ends: [Int] = []
        for _ in 0..<40 {
            var frames: [[UInt8]] = []
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let count =
                    [0, 1, 5, 200, 253, 254, 255, 700].randomElement(using: &generator) ?? 0
                frames.append(generator.octets(count))
            }
            starts.append(stream.count)
            for (index, frame) in frames.enumerated() {
                let flags: UInt8 = index < frames.count - 1 ? 1 : 0
                let length = frame.count + 1
                if length < 255 {
                    stream += [UInt8(length), flags] + frame
                } else {
                    stream += [
                        0xFF, 0, 0, 0, 0, 0, 0, UInt8(length >> 8), UInt8(length & 0xFF), flags,
                    ]
                    stream += frame
                }
            }
            ends.append(stream.count)
            result.messages.append(frames)
        }
        var cuts = [0]
        while let last = cuts.last, last < stream.count {
            cuts.append(min(stream.count, last + Int.random(in: 1...300, using: &generator)))
        }
        for (from, to) in zip(cuts, cuts.dropFirst()) {
            let offset = starts.first { $0 >= from && $0 < to }.map { $0 - from } ?? 0xFFFF
            result.payloads.append(
                [UInt8(offset >> 8), UInt8(offset & 0xFF)] + stream[from..<to]
            )
        }
        func packet(of octet: Int) -> Int { cuts.lastIndex { $0 <= octet } ?? 0 }
        result.spans = zip(starts, ends).map { packet(of: $0)...packet(of: $1 - 1) }
        return result
    }

    /// Feeds packets in the given order; gives the reader and the hashes of its messages.
    static func read(
        _ payloads: [[UInt8]],
        order: [Int]
    ) -> (StreamReport.MessageReport, [MessageDigest]) {
        let log = MessageLog()
        let flow = log.flow(
            .pgm(
                source: IPAddress(v4: 1),
                session: TransportSessionID(globalSourceID: 1, sourcePort: 1),
                group: IPAddress(v4: 2),
                destinationPort: 3
            )
        )
        let sink = MessageReader.Sink(log: log, flow: flow, tap: Tap(capture: 0))
        var messages = StreamMessages(options: StreamOptions())
        var budget = 1 << 30
        for (index, place) in order.enumerated() {
            payloads[place].withUnsafeBytes { payload in
                messages.handle(
                    payload,
                    place: place,
                    number: SequenceNumber(UInt32(place)),
                    isCut: false,
                    isRepaired: false,
                    at: Int64(index),
                    budget: &budget,
                    sink: sink
                )
            }
        }
        messages.finish(budget: &budget, sink: sink)
        #expect(budget == 1 << 30, "nothing is kept at the end")
        let track = log.tracks.first
        let digests = (0..<(track?.count ?? 0)).map { index in
            MessageDigest(hash: track?[index].hash ?? 0, byteCount: 0, frameCount: 0, topic: .empty)
        }
        return (messages.reader.makeReport(), digests)
    }

    static func hash(_ frames: [[UInt8]]) -> UInt64 {
        var hash = MessageHash()
        for frame in frames {
            frame.withUnsafeBytes { hash.append($0) }
            hash.endFrame()
        }
        return hash.finish().hash
    }

    @Test func `every message of a whole stream is read, however it is cut`() {
        for seed in UInt64(0)..<200 {
            var generator = SeededGenerator(seed: seed)
            let made = Self.chunked(&generator)
            let (report, digests) = Self.read(made.payloads, order: Array(made.payloads.indices))
            #expect(report.count == made.messages.count, "seed \(seed)")
            #expect(report.frameCount == made.messages.reduce(0) { $0 + $1.count }, "seed \(seed)")
            let byteCount = made.messages.joined().reduce(0) { $0 + $1.count }
            #expect(report.byteCount == byteCount, "seed \(seed)")
            #expect(report.multipartCount == made.messages.count { $0.count > 1 }, "seed \(seed)")
            #expect(report.foreign.count + report.fatal.count == 0, "seed \(seed)")
            #expect(digests.map(\.hash) == made.messages.map { Self.hash($0) }, "seed \(seed)")
        }
    }

    @Test func `disorder changes nothing`() {
        for seed in UInt64(0)..<200 {
            var generator = SeededGenerator(seed: seed)
            let made = Self.chunked(&generator)
            let keys = made.payloads.indices.map { index in
                (
                    key: Double(index) + (index == 0 ? 0 : .random(in: 0..<6, using: &generator)),
                    index
                )
            }
            let order = keys.sorted { $0.key < $1.key }.map(\.1)
            let first = order.firstIndex(of: 0) ?? 0
            let (_, digests) = Self.read(
                made.payloads,
                order: [0] + order.filter { $0 != order[first] }
            )
            #expect(digests.map(\.hash) == made.messages.map { Self.hash($0) }, "seed \(seed)")
        }
    }

    @Test func `a lost packet loses the messages that touch it, and no other`() {
        for seed in UInt64(0)..<200 {
            var generator = SeededGenerator(seed: seed)
            let made = Self.chunked(&generator)
            let lost = Int.random(in: 1..<made.payloads.count, using: &generator)
            let order = made.payloads.indices.filter { $0 != lost }
            let (report, digests) = Self.read(made.payloads, order: order)
            let whole = zip(made.messages, made.spans).filter { !$0.1.contains(lost) }
                // A message can only be found again where a packet points to its first octet.
                .map { Self.hash($0.0) }
            #expect(digests.map(\.hash) == whole, "seed \(seed), packet \(lost)")
            #expect(report.foreign.count == 0, "seed \(seed)")
        }
    }

    @Test func `noise never traps`() {
        for seed in UInt64(0)..<2_000 {
            var generator = SeededGenerator(seed: seed)
            var payloads = (0..<20).map { _ in
                generator.octets(Int.random(in: 0..<40, using: &generator))
            }
            // Small lengths make plausible frames.
            for index in payloads.indices where payloads[index].count > 4 && seed % 2 == 0 {
                payloads[index][0] = 0
                payloads[index][1] = 0
                payloads[index][2] = UInt8.random(in: 0...9, using: &generator)
            }
            _ = Self.read(payloads, order: Array(payloads.indices))
        }
    }

    @Test func `a length that no message has is not waited for`() {
        let payload: [UInt8] = [0, 0, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]
        let (report, _) = Self.read(
            [payload, PacketFeed.message(SequenceNumber(1))],
            order: [0, 1]
        )
        #expect(report.foreign.count == 1)
        #expect(report.count == 1)
    }
}
