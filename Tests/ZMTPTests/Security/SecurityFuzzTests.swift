import CryptoBox
import Simulation
import Testing
import Wire

@testable import ZMTP

/// Both ends of PLAIN and CURVE under random operations: what is between them changes, loses, repeats, reorders and invents
/// octets, time passes, verdicts come or do not. Nothing may trap, nobody may be let in who did not prove who he is, and nothing
/// is delivered that was not sent.
struct SecurityFuzzTests {
    private static let message: [UInt8] = [0, 3] + Array("abc".utf8)
    private static let forged: [UInt8] = [0, 3] + Array("xyz".utf8)

    @Test(arguments: UInt64(0)..<300)
    func `CURVE delivers what was sent, or ends`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pair = SecurePair.curve(asks: Bool.random(using: &generator))
        var wire = HostileWire(isMeddling: seed % 3 != 0)
        for _ in 0..<60 {
            step(&pair, &wire, &generator, forges: Self.forged)
        }
        for end in [pair.server, pair.client] {
            // Whole messages, each as it was sent.
            let count = end.traffic.count / Self.message.count
            let sent = [[UInt8]](repeating: Self.message, count: count).joined()
            #expect(end.traffic == Array(sent), "seed \(seed)")
            #expect(end.traffic.count <= 5 * 60)
        }
        // Without meddling the handshake is over by then.
        if seed % 3 == 0 {
            #expect(pair.server.peer != nil && pair.client.peer != nil, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(0)..<100)
    func `PLAIN lets nobody in without a verdict`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var pair = SecurePair.plain()
        var wire = HostileWire(isMeddling: true)
        for _ in 0..<60 {
            step(&pair, &wire, &generator, verdicts: false, forges: Self.forged)
        }
        #expect(pair.server.peer == nil && pair.server.traffic.isEmpty)
    }

    /// Octets of every command of a connection, cut, changed and put together anew, against each side.
    @Test(arguments: UInt64(0)..<30)
    func `mutated handshakes trap nothing`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let greeting = Greeting(mechanism: "CURVE").encoded
        let toServer = greeting + CurveVectors.hello + CurveVectors.initiate
        let toClient =
            Greeting(mechanism: "CURVE", isServer: true).encoded + CurveVectors.welcome
            + CurveVectors.ready + CurveVectors.twoFrames
        for _ in 0..<20 {
            var pair = SecurePair.curve()
            let mutated = (
                DecoderFuzzTests.mutated(toServer, &generator),
                DecoderFuzzTests.mutated(toClient, &generator)
            )
            for read in SecurePair.reads(mutated.0, 300, &generator) {
                pair.server.receive(read)
                if pair.server.request != nil { pair.server.handleVerdict(.denied) }
            }
            for read in SecurePair.reads(mutated.1, 300, &generator) { pair.client.receive(read) }
            #expect(pair.server.peer == nil)
            let sent = octets("01 03 \"ABC\" 00 00")
            #expect(sent.starts(with: pair.client.traffic))
        }
    }

    private func step(
        _ pair: inout SecurePair,
        _ wire: inout HostileWire,
        _ generator: inout SeededGenerator,
        verdicts: Bool = true,
        forges: [UInt8]
    ) {
        switch Int.random(in: 0..<12, using: &generator) {
        case 0: if pair.client.peer != nil { pair.client.send(Self.message) }
        case 1: if pair.server.peer != nil { pair.server.send(Self.message) }
        case 2:
            if verdicts, pair.server.request != nil { pair.server.handleVerdict(pair.verdict) }
        case 3:
            let passed = Duration.milliseconds(Int.random(in: 0...200, using: &generator))
            pair.server.now = pair.server.now + passed
            pair.client.now = pair.client.now + passed
            pair.server.handleTimeout()
            pair.client.handleTimeout()
        case 4 where wire.isMeddling:
            // In the clear, in the midst of it.
            if pair.server.peer != nil { pair.server.receive(forges) }
        default:
            wire.toServer += pair.client.takeOutgoing()
            wire.toClient += pair.server.takeOutgoing()
            let (first, second) = wire.deliver(&generator)
            for read in SecurePair.reads(first, 300, &generator) { pair.server.receive(read) }
            for read in SecurePair.reads(second, 300, &generator) { pair.client.receive(read) }
            if verdicts, pair.server.request != nil, Bool.random(using: &generator) {
                pair.server.handleVerdict(pair.verdict)
            }
        }
    }
}

/// What lies between two ends, and now and then meddles with it.
private struct HostileWire {
    var isMeddling: Bool
    var toServer: [UInt8] = []
    var toClient: [UInt8] = []
    private var recorded: [UInt8] = []

    init(isMeddling: Bool) {
        self.isMeddling = isMeddling
    }

    /// What arrives now, at the server and at the client.
    mutating func deliver(_ generator: inout SeededGenerator) -> ([UInt8], [UInt8]) {
        defer { (toServer, toClient) = ([], []) }
        recorded += toServer + toClient
        guard isMeddling, Int.random(in: 0..<4, using: &generator) == 0 else {
            return (toServer, toClient)
        }
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return (DecoderFuzzTests.mutated(toServer, &generator), toClient)
        case 1: return (toServer, DecoderFuzzTests.mutated(toClient, &generator))
        // Each hears itself.
        case 2: return (toClient, toServer)
        case 3:
            let start = Int.random(in: 0...recorded.count, using: &generator)
            return (toServer + recorded[start...], toClient)
        default: return ([], toClient + toClient)
        }
    }
}
