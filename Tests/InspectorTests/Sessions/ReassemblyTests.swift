import Dissection
import Inspector
import Simulation
import Testing

/// Segments in any order give the same messages; what the capture lacks is said.
@Suite struct ReassemblyTests {
    /// A subscriber's connection on which `count` messages of mixed sizes come down.
    private static func traffic(
        _ count: Int,
        serverStart: UInt32 = 5000,
        segmentByteCount: Int = 100,
        random: inout SeededGenerator
    ) -> (conversation: Conversation, dataStart: Int) {
        var conversation = Conversation.subscription(serverStart: serverStart)
        conversation.acknowledge(isFromClient: false)
        let dataStart = conversation.segments.count
        var bytes: [UInt8] = []
        for number in 0..<count {
            let filler = random.octets(Int.random(in: 0...400, using: &random))
            bytes += ZMTPBytes.message([Array("topic".utf8), Array("\(number)".utf8), filler])
        }
        conversation.say(bytes, isFromClient: false, segmentByteCount: segmentByteCount)
        return (conversation, dataStart)
    }

    @Test func `disorder, repetition and overlap change nothing`() throws {
        for seed in UInt64(0)..<60 {
            var random = SeededGenerator(seed: seed)
            // Sequence numbers wrap within the data.
            var (conversation, start) = Self.traffic(60, serverStart: .max - 3000, random: &random)
            var data = Array(conversation.segments[start...])
            // Some are merged with the one behind them, so that retransmissions overlap.
            for index in data.indices.dropLast() where Int.random(in: 0..<4, using: &random) == 0 {
                var merged = data[index]
                merged.payload += data[index + 1].payload
                merged.nanoseconds += 7_000_000
                data.append(merged)
            }
            for index in data.indices where Int.random(in: 0..<5, using: &random) == 0 {
                data[index].nanoseconds += Int64.random(in: 0...6_000_000, using: &random)
            }
            data.sort { $0.nanoseconds < $1.nanoseconds }
            // The first stays the first: where a stream begins is known from the handshake.
            conversation.segments = conversation.segments[..<start] + data
            let report = try conversation.report()
            let server = try #require(report.fromServer.zmtp, "seed \(seed)")
            #expect(server.messageCount == 60, "seed \(seed)")
            #expect(server.frameCount == 180, "seed \(seed)")
            #expect(server.brokenCount == 0, "seed \(seed)")
            #expect(report.fromServer.tcp.missingByteCount == 0, "seed \(seed)")
        }
    }

    @Test func `what was acknowledged and not captured is the capture's loss`() throws {
        for seed in UInt64(0)..<60 {
            var random = SeededGenerator(seed: seed)
            var (conversation, start) = Self.traffic(200, random: &random)
            let victim = Int.random(
                in: start + 20..<conversation.segments.count - 40,
                using: &random
            )
            let count = Int.random(in: 1...3, using: &random)
            let lost = conversation.segments[victim..<victim + count]
                .map(\.payload.count).reduce(0, +)
            conversation.segments.removeSubrange(victim..<victim + count)
            // The receiver has everything.
            var end = conversation
            end.segments = []
            for _ in 0..<6 { end.acknowledge(isFromClient: true) }
            conversation.segments += end.segments
            let report = try conversation.report()
            let server = try #require(report.fromServer.zmtp, "seed \(seed)")
            #expect(report.fromServer.tcp.missingByteCount == lost, "seed \(seed)")
            #expect(report.fromServer.tcp.gapCount == 1, "seed \(seed)")
            #expect(report.complaint == nil, "seed \(seed)")
            // Three segments of 100 octets touch at most that many messages, and finding the way back may cost a few.
            #expect(server.messageCount >= 200 - lost / 8 - 12, "seed \(seed)")
            #expect(server.messageCount < 200, "seed \(seed)")
            #expect(server.byteCountMax < 500, "seed \(seed)")
        }
    }

    @Test func `a gap within one frame needs no search`() throws {
        var conversation = Conversation.subscription()
        let start = conversation.segments.count
        let large = ZMTPBytes.message([[UInt8](repeating: 5, count: 20_000)])
        conversation.say(large + ZMTPBytes.message("after"), isFromClient: false)
        conversation.segments.remove(at: start + 5)
        for _ in 0..<6 { conversation.acknowledge(isFromClient: true) }
        let server = try #require(try conversation.report().fromServer.zmtp)
        #expect(server.messageCount == 1)
        #expect(server.brokenCount == 1)
        #expect(server.resynchronisationCount == 0)
        #expect(server.byteCountMax == 5)
    }

    @Test func `what the snap length cut is no gap of the framing`() throws {
        var conversation = Conversation.subscription()
        let start = conversation.segments.count
        for _ in 0..<5 {
            conversation.say(
                ZMTPBytes.message([[UInt8](repeating: 5, count: 1000)]),
                isFromClient: false
            )
        }
        for index in start..<conversation.segments.count {
            let cut = conversation.segments[index].payload.count - 96
            conversation.segments[index].payload.removeLast(cut)
            conversation.segments[index].cutByteCount = cut
        }
        let report = try conversation.report()
        #expect(report.fromServer.tcp.cutByteCount == 5 * (1009 - 96))
        #expect(report.fromServer.zmtp?.brokenCount == 5)
        #expect(report.fromServer.zmtp?.resynchronisationCount == 0)
    }

    @Test func `retransmissions, copies and keep-alives are told apart`() throws {
        var conversation = Conversation.subscription()
        conversation.say(ZMTPBytes.message("one"), isFromClient: false)
        var again = conversation.segments[conversation.segments.count - 1]
        again.nanoseconds += 10_000
        conversation.segments.append(again)
        again.nanoseconds += 300_000_000
        conversation.segments.append(again)
        conversation.nanoseconds += 400_000_000
        var keepAlive = again
        keepAlive.sequence = conversation.serverNext &- 1
        keepAlive.payload = [0]
        keepAlive.nanoseconds = conversation.nanoseconds
        conversation.segments.append(keepAlive)
        let report = try conversation.report()
        #expect(report.fromServer.tcp.doubledCount == 1)
        #expect(report.fromServer.tcp.retransmissionCount == 1)
        #expect(report.fromServer.tcp.keepAliveCount == 1)
        #expect(report.fromServer.tcp.stallNanosecondsMax == 300_010_000)
        #expect(report.fromServer.zmtp?.messageCount == 1)
    }

    @Test func `a closed window is timed`() throws {
        var conversation = Conversation.subscription()
        conversation.acknowledge(isFromClient: true, window: 0)
        conversation.nanoseconds += 500_000_000
        conversation.acknowledge(isFromClient: true, window: 100)
        let table = SessionTable()
        conversation.feed(table)
        table.finish()
        let report = try #require(table.reports.first)
        #expect(report.fromClient.tcp.zeroWindowCount == 1)
        #expect(report.fromClient.tcp.zeroWindowNanoseconds == 500_100_000)
        #expect(table.findings.map(\.code) == ["tcp-zero-window"])
    }

    @Test func `a connection from the middle is recognised where that is sound`() throws {
        for seed in UInt64(0)..<40 {
            var random = SeededGenerator(seed: seed)
            var (conversation, start) = Self.traffic(100, random: &random)
            conversation.segments.removeFirst(start + Int.random(in: 1...30, using: &random))
            let report = try conversation.report()
            #expect(report.opening == .midstream)
            let server = try #require(report.fromServer.zmtp, "seed \(seed)")
            #expect(server.version == "2.0 or later")
            #expect(server.messageCount > 50, "seed \(seed)")
            #expect(server.byteCountMax < 500, "seed \(seed)")
        }
    }

    @Test func `noise is not taken for ZMTP`() throws {
        for seed in UInt64(0)..<40 {
            var random = SeededGenerator(seed: seed)
            var conversation = Conversation()
            for _ in 0..<60 { conversation.say(random.octets(1000), isFromClient: false) }
            let report = try conversation.report()
            #expect(report.fromServer.zmtp == nil, "seed \(seed)")
        }
        var zeros = Conversation()
        zeros.say([UInt8](repeating: 0, count: 100_000), isFromClient: false)
        #expect(try zeros.report().fromServer.zmtp == nil)
    }

    @Test func `nothing that a segment says can trap`() throws {
        for seed in UInt64(0)..<300 {
            var random = SeededGenerator(seed: seed)
            var conversation = Self.traffic(20, random: &random).conversation
            for index in conversation.segments.indices {
                switch Int.random(in: 0..<12, using: &random) {
                case 0:
                    conversation.segments[index].sequence = UInt32.random(
                        in: 0 ... .max,
                        using: &random
                    )
                case 1:
                    conversation.segments[index].acknowledgement = UInt32.random(
                        in: 0 ... .max,
                        using: &random
                    )
                case 2:
                    conversation.segments[index].flags = TCPSegment.Flags(
                        rawValue: UInt8.random(in: 0 ... .max, using: &random)
                    )
                case 3:
                    conversation.segments[index].payload = random.octets(
                        Int.random(in: 0...200, using: &random)
                    )
                case 4:
                    conversation.segments[index].nanoseconds = Int64.random(
                        in: .min ... .max,
                        using: &random
                    )
                case 5:
                    conversation.segments[index].cutByteCount = Int.random(
                        in: 0...70_000,
                        using: &random
                    )
                default: break
                }
            }
            let table = SessionTable(log: MessageLog())
            conversation.feed(table)
            table.finish()
            _ = table.findings
        }
    }
}
