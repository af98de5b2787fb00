import Simulation
import Testing
import Wire

@testable import ZMTP

/// Random and mutated octets for every decoder: nothing may trap (a debug build checks every bound), work is
/// bounded, and the verdict is the same wherever reads end. Seeds are the arguments, so a failure names its own.
struct DecoderFuzzTests {
    static let seeds = 0..<20 as Range<UInt64>
    static let roundCount = 1_000

    /// Random octets, or a valid input with a few octets changed, cut off, or put in.
    static func mutated(_ valid: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        if Int.random(in: 0..<4, using: &generator) == 0 {
            return generator.octets(Int.random(in: 0...80, using: &generator))
        }
        var bytes = valid
        for _ in 0..<Int.random(in: 0...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0...7, using: &generator)
            case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            case 3: bytes.removeSubrange(place...)
            default: bytes.insert(UInt8.random(in: 0...255, using: &generator), at: place)
            }
        }
        return bytes
    }

    @Test(arguments: seeds)
    func handshakes(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let local = LocalPeer(socketType: .xpub)
        let valid = [
            Greeting(mechanism: "NULL").encoded
                + Command.readyFrame(LocalPeer(socketType: .sub, routingID: [1, 2, 3]).metadata),
            octets("FF 00*7 01 7F 01 02 00 03 01 02 03"), octets("04 00 01 02 03"),
            octets("FF 00*7 04 00 01 02 03"),
        ]
        for _ in 0..<Self.roundCount {
            let input = Self.mutated(valid.randomElement(using: &generator) ?? [], &generator)
            let readByteCount = Int.random(in: 1...100, using: &generator)
            let whole = Self.outcome(local, input, readByteCount: input.count)
            let cut = Self.outcome(local, input, readByteCount: readByteCount)
            #expect(whole == cut, "\(hex(input))")
        }
    }

    /// What a handshake comes to by these octets, and all that it says on the way, if it does not fail.
    struct Outcome: Equatable {
        var octets: [UInt8] = []
        var next: HandshakeStep.Next = .awaitOctets
    }

    static func outcome(
        _ local: LocalPeer,
        _ input: [UInt8],
        readByteCount: Int
    ) -> Outcome {
        var handshake = Handshake(local: local)
        var outcome = Outcome(octets: handshake.start().reply)
        for start in stride(from: 0, to: input.count, by: max(1, readByteCount)) {
            let read = input[start..<min(input.count, start + readByteCount)]
            var offset = 0
            while offset < read.count, !handshake.isDone {
                let before = offset
                let step = read.withUnsafeBytes { handshake.handle($0, from: &offset) }
                outcome.octets += step.reply
                outcome.next = step.next
                if offset == before, !handshake.isDone { Issue.record("nothing was taken") }
            }
        }
        // What is said before a failure depends on how soon it is seen.
        if case .failed = outcome.next { outcome.octets = [] }
        return outcome
    }

    @Test(arguments: seeds)
    func commands(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let valid = [
            Command.pingFrame(ttl: 7, context: [1, 2]), Command.errorFrame("no"),
            Command.readyFrame(LocalPeer(socketType: .sub).metadata),
            octets("00 00 09 \"SUBSCRIBE\" 41"),
            octets("00 00 06 \"CANCEL\" 41"), octets("00 00 04 \"PONG\" 41"),
        ]
        for _ in 0..<Self.roundCount {
            let frame = valid.randomElement(using: &generator) ?? []
            let body = Self.mutated(Array(frame.dropFirst(2)), &generator)
            let command = body.withUnsafeBytes { Command(body: $0) }
            if let range = Self.range(command) {
                #expect(range.upperBound <= body.count && range.lowerBound > 0, "\(hex(body))")
            }
        }
    }

    static func range(_ command: Command) -> Range<Int>? {
        switch command {
        case .ready(let range), .error(let range), .subscribe(let range), .cancel(let range),
            .ping(_, let range), .pong(let range), .join(let range), .leave(let range),
            .unknown(_, let range):
            range
        case .malformed: nil
        }
    }

    @Test(arguments: seeds)
    func metadata(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let valid = octets(
            "0B \"Socket-Type\" 00*3 03 \"SUB\" 08 \"Identity\" 00*4 03 \"X-a\" 00*3 01 41"
        )
        for _ in 0..<Self.roundCount {
            let input = Self.mutated(valid, &generator)
            // What is accepted holds every octet: encoding it again gives the same.
            if let metadata = try? input.withUnsafeBytes({ try Metadata.decode($0) }) {
                #expect(metadata.encoded == input)
            }
        }
    }

    @Test(arguments: seeds)
    func frames(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let limits = FrameScanner.Limits(messageByteCountMax: 600, commandByteCountMax: 100)
        for round in 0..<Self.roundCount {
            let stream = RandomStream(
                seed: seed << 32 | UInt64(round),
                messageCount: 3,
                lengths: [0, 1, 5, 30, 256]
            )
            let input = Self.mutated(stream.bytes, &generator)
            let longest = Int.random(in: 1...60, using: &generator)
            let whole = StreamReader.read(input, limits: limits) { $0 }
            let cut = StreamReader.read(input, limits: limits) { _ in
                Int.random(in: 1...longest, using: &generator)
            }
            #expect(whole.violation == cut.violation, "\(hex(input))")
            #expect(whole.units == cut.units, "\(hex(input))")
            #expect(whole.complaints + cut.complaints == [], "\(hex(input))")
            #expect(whole.eventCount <= input.count + 2)
            #expect(max(whole.spillByteCountMax, cut.spillByteCountMax) <= 609)
        }
    }
}
