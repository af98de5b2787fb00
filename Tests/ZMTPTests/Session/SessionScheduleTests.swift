import Simulation
import Testing
import Wire

@testable import ZMTP

/// Seeded schedules of everything that can happen to a session, in any order: whatever comes, it ends once, for a reason,
/// and asks for nothing afterwards. The seed is the argument, so a failure names its own.
struct SessionScheduleTests {
    @Test(arguments: UInt64(0)..<2_000)
    func `whatever happens, a session ends once and for all`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var rig = Self.rig(&generator)
        var stream = Self.stream(&generator)[...]
        Self.interrupt(&rig, &generator)
        for _ in 0..<Int.random(in: 1...60, using: &generator) {
            Self.step(&rig, &stream, &generator)
        }
        rig.handleStreamClose()
        Self.step(&rig, &stream, &generator)
        rig.pass(.seconds(1_000))
        let lines = rig.takeLines().map {
            $0.split(separator: " ").dropFirst().joined(separator: " ")
        }
        #expect(rig.session.isClosed)
        #expect(rig.session.deadline == nil)
        #expect(rig.session.peer == nil)
        #expect(lines.count { $0.hasPrefix("closed: ") } == 1, "\(lines)")
        #expect(lines.last?.hasPrefix("closed: ") == true, "\(lines)")
        #expect(lines.count { $0.hasPrefix("establish") } <= 1, "\(lines)")
        #expect(lines.count { $0 == "abort the stream" } <= 1, "\(lines)")
        #expect(lines.count { $0 == "finish the stream" } <= 1, "\(lines)")
        #expect(!lines.contains { $0.contains("after the stream's end") }, "\(lines)")
        #expect(!lines.contains { $0.contains("does not move") }, "\(lines)")
        Self.expectOrder(lines)
    }

    /// Traffic only between the establishment and the decision to close.
    private static func expectOrder(_ lines: [String]) {
        let start = lines.firstIndex { $0.hasPrefix("establish") } ?? lines.endIndex
        let end = lines.firstIndex { $0 == "abort the stream" } ?? lines.endIndex
        for (index, line) in lines.enumerated() where line.contains(" in a run of ") {
            #expect(index > start && index < end, "\(lines)")
        }
    }

    private static func rig(_ generator: inout SeededGenerator) -> SessionRig {
        let asks = Bool.random(using: &generator)
        let stall = Int.random(in: 0...4, using: &generator)
        let interval = Int.random(in: 0...4, using: &generator)
        return SessionRig {
            $0.asksAuthenticator = asks
            $0.handshakeTimeout = .seconds(20)
            $0.stallTimeout = stall == 0 ? nil : .seconds(stall)
            $0.heartbeat = HeartbeatOptions(interval: .seconds(interval))
        }
    }

    /// What a peer sends: a handshake, messages and commands; sometimes with an octet that is wrong.
    private static func stream(_ generator: inout SeededGenerator) -> [UInt8] {
        var octets = SessionRig.opening(Int.random(in: 0..<8, using: &generator) == 0 ? .pub : .sub)
        for _ in 0..<30 {
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: octets += Command.pingFrame(ttl: 30)
            case 1: octets += Command.frame("SUBSCRIBE", [65])
            default: octets += [0, 3, 1, 2, 3]
            }
        }
        if Int.random(in: 0..<3, using: &generator) == 0 {
            octets[Int.random(in: octets.indices, using: &generator)] ^= 0x80
        }
        return octets
    }

    /// Lets the stream or the user close in the middle of some directive, half of the time.
    private static func interrupt(_ rig: inout SessionRig, _ generator: inout SeededGenerator) {
        guard Bool.random(using: &generator) else { return }
        var countdown = Int.random(in: 1...8, using: &generator)
        let isStream = Bool.random(using: &generator)
        rig.onDirective = { rig in
            countdown -= 1
            guard countdown == 0 else { return }
            if isStream { rig.handleStreamClose("reset") } else { rig.close(.overflow) }
        }
    }

    private static func step(
        _ rig: inout SessionRig,
        _ stream: inout ArraySlice<UInt8>,
        _ generator: inout SeededGenerator
    ) {
        switch Int.random(in: 0..<32, using: &generator) {
        case 0..<4: rig.open()
        case 4..<16:
            guard rig.isStreamOpen else { return }
            let count = min(stream.count, Int.random(in: 1...40, using: &generator))
            rig.receive(Array(stream.prefix(count)))
            stream = stream.dropFirst(count)
        case 16..<19:
            rig.handleVerdict(
                [.admitted(userID: nil), .admitted(userID: "x"), .denied, .tryLater]
                    .randomElement(using: &generator) ?? .failed
            )
        case 19..<22: rig.pass(.milliseconds(Int.random(in: 0...3_000, using: &generator)))
        case 22..<24:
            rig.isFull = Bool.random(using: &generator)
            if rig.session.isSending { rig.send() }
        case 24: if rig.session.isSending { rig.handleWritable() }
        case 25: rig.setReading(Bool.random(using: &generator))
        case 26:
            rig.finish(linger: [nil, .zero, .seconds(3)].randomElement(using: &generator) ?? nil)
        case 27: rig.close(.misbehaviour("b"), farewell: Command.errorFrame("b"))
        case 28: rig.close(.misbehaviour("a"))
        case 29: if Bool.random(using: &generator) { rig.handleStreamClose() }
        default: rig.pass(.milliseconds(Int.random(in: 0...300, using: &generator)))
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `wherever reads end, the same happens`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let stream = Self.stream(&generator)
        let whole = Self.lines(stream) { $0 }
        let longest = Int.random(in: 1...80, using: &generator)
        let cut = Self.lines(stream) { _ in Int.random(in: 1...longest, using: &generator) }
        #expect(Self.messageCount(whole) == Self.messageCount(cut))
        #expect(whole.filter { !$0.contains("run") } == cut.filter { !$0.contains("run") })
    }

    private static func lines(_ stream: [UInt8], cut: (Int) -> Int) -> [String] {
        var rig = SessionRig()
        rig.open()
        var rest = stream[...]
        while !rest.isEmpty {
            let count = min(rest.count, cut(rest.count))
            rig.receive(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        rig.handleStreamClose()
        return rig.takeLines()
    }

    private static func messageCount(_ lines: [String]) -> Int {
        lines.reduce(0) { sum, line in
            let words = line.split(separator: " ")
            return sum + (line.contains("in a run") ? Int(words[1]) ?? 0 : 0)
        }
    }
}
