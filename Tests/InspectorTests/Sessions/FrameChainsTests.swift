import Dissection
import Simulation
import Testing

@testable import Inspector

/// Frames are found in mid-flow, and nothing else is taken for them.
@Suite struct FrameChainsTests {
    /// What bodies are filled with: text has no octet of a header, the others are full of them.
    enum Filling: CaseIterable {
        case text, random, zeros, smallNumbers, bigEndian

        func octets(_ count: Int, _ random: inout SeededGenerator) -> [UInt8] {
            switch self {
            case .text: (0..<count).map { _ in UInt8.random(in: 32...126, using: &random) }
            case .random: random.octets(count)
            case .zeros: Array(repeating: 0, count: count)
            case .smallNumbers: (0..<count).map { _ in UInt8.random(in: 0...4, using: &random) }
            case .bigEndian:
                (0..<count).map { index in
                    index % 4 == 3 ? UInt8.random(in: 0...255, using: &random) : 0
                }
            }
        }
    }

    struct Traffic {
        var conversation: Conversation
        var hashes: [UInt64]
        var dataStart: Int
    }

    private static func traffic(
        _ count: Int,
        _ filling: Filling,
        sizes: ClosedRange<Int>,
        segmentByteCount: Int,
        random: inout SeededGenerator
    ) -> Traffic {
        var conversation = Conversation.subscription()
        conversation.acknowledge(isFromClient: false)
        let start = conversation.segments.count
        var bytes: [UInt8] = []
        var hashes: [UInt64] = []
        for number in 0..<count {
            let size = Int.random(in: sizes, using: &random)
            let parts = [Array("t\(number)".utf8), filling.octets(size, &random)]
            hashes.append(MessageHashTests.digest(parts).hash)
            bytes += ZMTPBytes.message(parts)
            if number % 40 == 39 {
                bytes += ZMTPBytes.command("PING", [0, 60] + Array("alive".utf8))
            }
        }
        conversation.say(bytes, isFromClient: false, segmentByteCount: segmentByteCount)
        return Traffic(conversation: conversation, hashes: hashes, dataStart: start)
    }

    /// The hashes of what was read from the server, in order.
    private static func read(_ conversation: Conversation) -> [UInt64] {
        let log = MessageLog()
        let table = SessionTable(log: log)
        conversation.feed(table)
        table.finish()
        return log.tracks.flatMap { track in (0..<track.count).map { track[$0].hash } }
    }

    @Test(arguments: Filling.allCases)
    func `whatever was cut off, what is read was sent`(filling: Filling) {
        for seed in UInt64(0)..<40 {
            var random = SeededGenerator(seed: seed)
            let sizes = [0...40, 0...400, 200...3000].randomElement(using: &random) ?? 0...40
            let segment = [64, 100, 536, 1448].randomElement(using: &random) ?? 1448
            var traffic = Self.traffic(
                200,
                filling,
                sizes: sizes,
                segmentByteCount: segment,
                random: &random
            )
            let dataCount = traffic.conversation.segments.count - traffic.dataStart
            let cut = Int.random(in: 0..<max(1, dataCount / 2), using: &random)
            traffic.conversation.segments.removeFirst(traffic.dataStart + cut)
            let read = Self.read(traffic.conversation)
            let place = Comment(rawValue: "\(filling) seed \(seed) sizes \(sizes) by \(segment)")
            #expect(Set(read).isSubset(of: traffic.hashes), place)
            #expect(read == Array(traffic.hashes.suffix(read.count)), place)
            // Half of what was sent is there, and the search may cost a few.
            #expect(read.count >= 60, place)
        }
    }

    @Test func `messages longer than what is held are found`() {
        for seed in UInt64(0)..<10 {
            var random = SeededGenerator(seed: seed)
            var traffic = Self.traffic(
                12,
                .random,
                sizes: 70_000...150_000,
                segmentByteCount: 1448,
                random: &random
            )
            let data = traffic.conversation.segments.count - traffic.dataStart
            let cut = Int.random(in: 0..<data / 4, using: &random)
            traffic.conversation.segments.removeFirst(traffic.dataStart + cut)
            let read = Self.read(traffic.conversation)
            #expect(Set(read).isSubset(of: traffic.hashes), "seed \(seed)")
            #expect(read.count >= 4, "seed \(seed)")
        }
    }

    @Test func `a few small messages suffice when each is a segment`() throws {
        var conversation = Conversation()
        for number in 0..<6 {
            conversation.say(ZMTPBytes.message("wx", "\(number) degrees"), isFromClient: false)
        }
        let report = try #require(try conversation.report().fromServer.zmtp)
        #expect(report.messageCount >= 4)
        #expect(report.certaintyBits ?? 0 >= 20)
    }

    @Test func `a heartbeat is enough`() throws {
        var conversation = Conversation()
        conversation.say(ZMTPBytes.command("PING", [0, 60]), isFromClient: false)
        conversation.say(ZMTPBytes.message("first"), isFromClient: false)
        conversation.say(ZMTPBytes.message("second"), isFromClient: false)
        let report = try #require(try conversation.report().fromServer.zmtp)
        // Whether the first frame begins a message cannot be known.
        #expect(report.messageCount == 1)
        #expect(report.skippedByteCount == 5)
    }

    @Test(arguments: Filling.allCases)
    func `a body alone is no frame`(filling: Filling) throws {
        for seed in UInt64(0)..<5 {
            var random = SeededGenerator(seed: seed)
            var conversation = Conversation()
            for _ in 0..<80 {
                conversation.say(
                    filling.octets(Int.random(in: 600...1400, using: &random), &random),
                    isFromClient: false
                )
            }
            #expect(Self.read(conversation) == [], "\(filling) seed \(seed)")
        }
    }

    @Test func `what contradicts itself is taken back`() {
        // Records with a length of two octets look like frames, until the message that they are the body of ends.
        var records: [UInt8] = []
        for number in 0..<400 { records += [0, 10] + Array("rec \(100_000 + number)".utf8) }
        var conversation = Conversation()
        let sent = ZMTPBytes.message([Array("t".utf8), records + [99]])
        for round in 0..<4 {
            let rest = round == 0 ? Array(sent.dropFirst(1000)) : sent
            conversation.say(rest, isFromClient: false)
        }
        for number in 0..<60 {
            conversation.say(ZMTPBytes.message("t", "\(number)"), isFromClient: false)
        }
        let hashes =
            [MessageHashTests.digest([Array("t".utf8), records + [99]]).hash]
            + (0..<60).map {
                MessageHashTests.digest([Array("t".utf8), Array("\($0)".utf8)]).hash
            }
        let read = Self.read(conversation)
        #expect(Set(read).isSubset(of: hashes))
        #expect(read.count >= 40)
    }

    @Test func `ZMTP 1_0 in mid-flow`() throws {
        var conversation = Conversation()
        var bytes: [UInt8] = []
        for number in 0..<200 {
            bytes += ZMTPBytes.oldFrame(Array("topic".utf8), flags: 1)
            bytes += ZMTPBytes.oldFrame(Array("message number \(number)".utf8))
        }
        conversation.say(Array(bytes.dropFirst(13)), isFromClient: false)
        let report = try #require(try conversation.report().fromServer.zmtp)
        #expect(report.version == "1.0")
        #expect(report.messageCount > 190 && report.messageCount < 200)
        #expect(report.frameCount == 2 * report.messageCount)
    }
}
