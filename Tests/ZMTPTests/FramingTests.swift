import Simulation
import Testing
import Wire

@testable import ZMTP

/// A codec for tests: blocks of one octet of length and as many octets, all inverted.
struct MaskedFraming: FrameDecoder, FrameEncoder {
    static let framing = Framing(
        ingress: .rewritten(MaskedFraming()),
        egress: .rewritten(MaskedFraming())
    )

    /// A block that has begun.
    private var block: [UInt8] = []

    func byteCountMax(decoding octetCount: Int) -> Int { block.count + octetCount }

    mutating func decode(
        _ octets: UnsafeRawBufferPointer,
        into frames: UnsafeMutableRawBufferPointer
    ) throws(FrameViolation) -> Int {
        var count = 0
        for octet in octets {
            guard octet != 0xFF || !block.isEmpty else { throw .undecodable("an empty block") }
            block.append(octet)
            guard block.count == 1 + Int(~block[0]) else { continue }
            for octet in block.dropFirst() {
                frames[count] = ~octet
                count += 1
            }
            block = []
        }
        return count
    }

    func byteCountMax(encoding frameByteCount: Int) -> Int { 2 * frameByteCount }

    mutating func encode(
        _ frames: UnsafeRawBufferPointer,
        into octets: UnsafeMutableRawBufferPointer
    ) -> Int {
        let masked = Self.masked(Array(frames))
        octets.copyBytes(from: masked)
        return masked.count
    }

    static func masked(_ frames: [UInt8]) -> [UInt8] {
        stride(from: 0, to: frames.count, by: 7).flatMap { start in
            let block = frames[start..<min(frames.count, start + 7)]
            return ([UInt8(block.count)] + block).map { ~$0 }
        }
    }
}

/// The codec seam: a session whose transport carries messages, in a framing of its own.
struct FramingTests {
    private static let ready = Command.readyFrame(LocalPeer(socketType: .sub).metadata)
    private static let traffic: [UInt8] =
        [0, 1, 65, 0, 2, 66, 66] + Command.pingFrame(ttl: 0, context: [9]) + [0, 1, 67]

    @Test(arguments: UInt64(0)..<50)
    func `messages come out of a codec wherever its octets are cut`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var rig = SessionRig(carriage: .messages(framing: MaskedFraming.framing))
        rig.open()
        var rest = MaskedFraming.masked(Self.ready + Self.traffic)[...]
        while !rest.isEmpty {
            let count = min(rest.count, Int.random(in: 1...20, using: &generator))
            rig.receive(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        let lines = rig.takeLines()
        // A transport that keeps messages greets by itself.
        #expect(lines.prefix(2) == ["0 send READY", "0 establish SUB"])
        #expect(lines.contains("0 pong 09"))
        #expect(rig.session.peer?.versionText == "ZMTP 3.0")
        let messageCount = lines.filter { $0.contains("run") }.compactMap {
            $0.split(separator: " ")[1]
        }
        #expect(messageCount.compactMap { Int($0) }.reduce(0, +) == 3)
    }

    @Test func `what a codec cannot read ends the session`() {
        var rig = SessionRig(carriage: .messages(framing: MaskedFraming.framing))
        rig.open()
        rig.receive([0xFF])
        rig.handleStreamClose()
        #expect(
            rig.takeLines() == ["0 send READY", "0 abort the stream", "0 closed: an empty block"]
        )
    }

    @Test func `a transport may leave nothing but routing ids to say`() {
        let carriage = Carriage.messages(framing: .v3, opening: .routingID(peer: .xsub))
        var rig = SessionRig(carriage: carriage) {
            $0.local.routingID = [7]
            $0.heartbeat.interval = .seconds(1)
        }
        rig.open()
        #expect(rig.sent == [0, 1, 7])
        rig.receive([0, 1, 9, 0, 1, 65])
        #expect(rig.session.peer?.routingID == [9])
        // The transport has PINGs of its own.
        rig.pass(.seconds(1))
        #expect(
            rig.takeLines().dropFirst() == [
                "0 establish XSUB", "0 1 in a run of 3", "1000 ping 00 00",
            ]
        )
    }

    @Test func `a transport that is told the type of a peer that does not fit ends the session`() {
        let carriage = Carriage.messages(framing: .v3, opening: .routingID(peer: .rep))
        var rig = SessionRig(carriage: carriage)
        rig.open()
        rig.handleStreamClose()
        #expect(rig.takeLines().last == "0 closed: a REP socket cannot talk to a PUB socket")
    }

    @Test func `an authenticator may be asked without greetings, too`() {
        var rig = SessionRig(carriage: .messages(framing: .v3)) { $0.asksAuthenticator = true }
        rig.open()
        rig.receive(Self.ready + [0, 1, 65])
        #expect(rig.takeLines() == ["0 authenticate NULL"])
        rig.handleVerdict(.admitted(userID: "b"))
        #expect(
            rig.takeLines() == ["0 send READY", "0 establish SUB as b", "0 1 in a run of 3"]
        )
    }
}
