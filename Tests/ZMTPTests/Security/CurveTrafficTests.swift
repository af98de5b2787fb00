import CryptoBox
import Simulation
import Testing
import Wire

@testable import ZMTP

/// MESSAGE commands (RFC 26): what goes in comes out, and nothing else does.
struct CurveTrafficTests {
    static func established(
        messageByteCountMax: Int = .max
    ) -> SecurePair {
        var pair = SecurePair.curve(asks: false)
        pair.client = SecureEnd(
            .sub,
            .curve(serverKey: SecurePair.serverKeys.publicKey, keys: SecurePair.clientKeys),
            randomness: CurveVectors.clientRandomness
        ) { $0.messageByteCountMax = messageByteCountMax }
        pair.run()
        return pair
    }

    /// The codecs of both directions.
    private static func codecs() throws -> (CurveEncoder, CurveDecoder) {
        let shared = [SecurePair.clientKeys.publicKey, SecurePair.serverKeys.publicKey]
        let key = try #require(KeyedBox(shared[1], SecurePair.clientKeys))
        let same = try #require(KeyedBox(shared[0], SecurePair.serverKeys))
        return (
            CurveEncoder(
                CurveTraffic(key, isServer: false, outgoingNonce: 2, incomingNonce: 1)
            ),
            CurveDecoder(
                CurveTraffic(same, isServer: true, outgoingNonce: 1, incomingNonce: 2),
                limits: FrameScanner.Limits()
            )
        )
    }

    /// The same frames with the shortest headers, as they are after encryption.
    private static func canonical(_ frames: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var rest = frames[...]
        while let flags = rest.first {
            let isLong = flags & FrameHeader.long != 0
            let length = rest.dropFirst().prefix(isLong ? 8 : 1).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(isLong ? 9 : 2)
            FrameHeader.appendHeader(
                bodyByteCount: length,
                hasMore: flags & FrameHeader.more != 0,
                isCommand: flags & FrameHeader.command != 0,
                to: &result
            )
            result += rest.prefix(length)
            rest = rest.dropFirst(length)
        }
        return result
    }

    @Test(arguments: UInt64(0)..<20)
    func `traffic arrives as it was sent wherever it is cut`(seed: UInt64) throws {
        let stream = RandomStream(
            seed: seed,
            messageCount: 60,
            lengths: seed % 4 == 0 ? RandomStream.allLengths : RandomStream.smallLengths
        )
        var (encoder, decoder) = try Self.codecs()
        let sealed = stream.bytes.withUnsafeBytes { frames in
            var octets = [UInt8](repeating: 0, count: encoder.byteCount(encoding: frames))
            let count = octets.withUnsafeMutableBytes { encoder.encode(frames, into: $0) }
            #expect(count == octets.count)
            return octets
        }
        var generator = SeededGenerator(seed: seed)
        var frames: [UInt8] = []
        for read in SecurePair.reads(sealed, seed % 2 == 0 ? 50 : 100_000, &generator) {
            frames += read.withUnsafeBytes { octets in
                var room = [UInt8](repeating: 0, count: decoder.byteCount(decoding: octets))
                let end = room.withUnsafeMutableBytes { decoder.decode(octets, into: $0) }
                return Array(room[CurveDecoder.headroomByteCount..<end])
            }
        }
        #expect(decoder.violation == nil && !decoder.isInsideFrame)
        // Not by macro: a failure would print it all.
        let isEqual = frames == Self.canonical(stream.bytes)
        #expect(isEqual)
    }

    /// Ten messages of one octet, each with its command as it was sent.
    private static func commands(_ pair: inout SecurePair) -> [[UInt8]] {
        (0..<10).map { number in
            pair.server.send([0, 1, UInt8(number)])
            return pair.server.takeOutgoing()
        }
    }

    @Test func `what comes again, or out of order, ends the connection`() {
        for order in [[0, 1, 1], [0, 2, 1], [1, 0], [0, 1, 2, 0]] {
            var pair = Self.established()
            let commands = Self.commands(&pair)
            pair.client.receive(order.flatMap { commands[$0] })
            pair.client.handleStreamClose()
            // What came before it counts.
            #expect(pair.client.messageCount == order.count - 1)
            guard case .framing(.undecodable(let what)) = pair.client.reason else {
                Issue.record("\(String(describing: pair.client.reason))")
                continue
            }
            #expect(what.contains("again, or too late"))
        }
    }

    @Test func `a gap in the nonces is none of ours`() {
        var pair = Self.established()
        let commands = Self.commands(&pair)
        pair.client.receive(commands[0] + commands[5] + commands[9])
        #expect(pair.client.traffic == [0, 1, 0, 0, 1, 5, 0, 1, 9])
        #expect(!pair.client.isClosing)
    }

    @Test func `no bit can be changed, and nothing is read after that`() {
        let start = Self.established()
        var server = start.server
        server.send([0, 2, 65, 66])
        let command = server.takeOutgoing()
        server.send([0, 1, 67])
        let next = server.takeOutgoing()
        for bit in 0..<command.count * 8 {
            var client = start.client
            var changed = command
            changed[bit / 8] ^= 1 << (bit % 8)
            client.receive(changed)
            client.receive(next)
            client.receive([UInt8](repeating: 0, count: 600))
            // The COMMAND bit of the header is nobody's; the rest of the header and the box are.
            let isMeaningless = bit == 2
            #expect(client.traffic == (isMeaningless ? [0, 2, 65, 66, 0, 1, 67] : []), "\(bit)")
        }
    }

    @Test func `what the client sends cannot be sent back to it`() {
        var pair = Self.established()
        pair.client.send([0, 1, 65])
        let command = pair.client.takeOutgoing()
        pair.client.receive(command)
        #expect(pair.client.isClosing)
        #expect(pair.client.traffic.isEmpty)
    }

    @Test(arguments: [
        // In the clear: a message, a command, reserved flags, a MESSAGE that is too short, another command.
        "00 01 41", "04 07 05 \"READY\" 00", "08 00", "01 24 07 \"MESSAGE\" 00*28",
        "00 20 07 \"MESSAGE\" 00*24", "00 24 07 \"MESSAGF\" 00*28",
        "02 80 00*7",
    ])
    func `traffic in the clear ends the connection`(text: String) {
        var pair = Self.established()
        pair.client.receive(octets(text))
        #expect(pair.client.isClosing)
        #expect(pair.client.traffic.isEmpty)
    }

    @Test func `a message that is too long is refused at its header`() {
        // Above the limit of commands, which it might be.
        let limit = 2 << 20
        for (byteCount, isGood) in [(limit, true), (limit + 1, false)] {
            var pair = Self.established(messageByteCountMax: limit)
            var frame: [UInt8] = []
            let body = [UInt8](repeating: 1, count: byteCount)
            body.withUnsafeBytes { FrameHeader.append(body: $0, to: &frame) }
            pair.server.send(frame)
            let command = pair.server.takeOutgoing()
            pair.client.receive(Array(command.prefix(9)))
            #expect(pair.client.isClosing == !isGood)
            pair.client.receive(Array(command.dropFirst(9)))
            #expect(pair.client.messageCount == (isGood ? 1 : 0))
            pair.client.handleStreamClose()
            if !isGood {
                #expect(
                    pair.client.reason
                        == .framing(.frameTooLong(byteCount: limit + 1, limit: limit))
                )
            }
        }
    }

    @Test func `frames of one message count together`() {
        let limit = 2 << 20
        var pair = Self.established(messageByteCountMax: limit)
        let half = [UInt8](repeating: 1, count: limit / 2 + 1)
        var frames: [UInt8] = []
        half.withUnsafeBytes {
            FrameHeader.append(body: $0, hasMore: true, to: &frames)
            FrameHeader.append(body: $0, to: &frames)
        }
        pair.server.send(frames)
        pair.run(readByteCountMax: 1 << 20)
        guard case .framing(.frameTooLong) = pair.client.reason else {
            Issue.record("\(String(describing: pair.client.reason))")
            return
        }
        #expect(pair.client.messageCount == 0)
    }

    @Test func `heartbeats are encrypted, too`() {
        var pair = Self.established()
        pair.server.send(Command.pingFrame(ttl: 0, context: [1, 2]))
        pair.run()
        #expect(pair.client.commandNames == ["PING"])
        #expect(pair.server.commandNames == ["PONG"])
    }
}
