import Testing
import Wire

@testable import RouterNode

/// What is said of somebody who is dialled, and when. Pure: the clock is an argument.
@Suite struct PresenceTests {
    private static func at(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000)
    }

    /// Fails every second from `first` to `last`, and gives when something was said.
    private static func failures(
        of presence: inout Presence,
        _ range: ClosedRange<Int64>,
        isRefusal: Bool = false
    ) -> [Int64] {
        range.filter { second in
            presence.handleFailure("no", isRefusal: isRefusal, part: 0, at: at(second)) != nil
        }
    }

    @Test func `who was never there is said to be absent once, then rarely`() {
        var presence = Presence(partCount: 2)
        #expect(Self.failures(of: &presence, 0...2000) == [2, 62, 662, 1262, 1862])
    }

    @Test func `a refusal is said at once and every minute`() {
        var presence = Presence(partCount: 1)
        #expect(Self.failures(of: &presence, 0...200, isRefusal: true) == [0, 60, 120, 180])
    }

    @Test func `who has been there is lost at once, and is back when it has stayed a second`() {
        var presence = Presence(partCount: 2)
        presence.handleConnected(part: 0, at: Self.at(0))
        #expect(presence.deadline == nil && !presence.isConnected)
        presence.handleConnected(part: 1, at: Self.at(1))
        #expect(presence.deadline == Self.at(2) && presence.isConnected)
        #expect(presence.handleTimeout(at: Self.at(2)) == .arrived)
        let lost = presence.handleFailure("gone", isRefusal: false, part: 1, at: Self.at(10))
        #expect(lost == .lost(reason: "gone"))
        #expect(presence.reason == "gone" && !presence.isConnected)
        // The other connection of the same parent is no news.
        #expect(presence.handleFailure("gone", isRefusal: false, part: 0, at: Self.at(10)) == nil)
        for part in 0...1 { presence.handleConnected(part: part, at: Self.at(40)) }
        #expect(presence.handleTimeout(at: Self.at(41)) == .back(after: .seconds(31)))
        #expect(presence.reason == nil && presence.deadline == nil)
    }

    @Test func `who comes and goes at once is not said to be back`() {
        var presence = Presence(partCount: 1)
        var news: [Presence.News?] = []
        for second in Int64(0)..<50 {
            presence.handleConnected(part: 0, at: Self.at(second))
            news.append(
                presence.handleFailure("refused", isRefusal: true, part: 0, at: Self.at(second))
            )
            news.append(presence.handleTimeout(at: Self.at(second + 1)))
        }
        #expect(news.compactMap(\.self) == [.refused(reason: "refused")])
    }
}

@Suite struct LogGateTests {
    private static func at(_ seconds: Int64) -> Instant {
        Instant(nanoseconds: seconds * 1_000_000_000)
    }

    @Test func `a kind has so many lines a minute, and the rest is counted`() {
        var gate = LogGate()
        let admitted = (0..<100).filter { gate.admit("junk", upTo: 3, at: Self.at($0 / 2)) == true }
        #expect(admitted == [0, 1, 2])
        #expect(gate.admit("other", upTo: 3, at: Self.at(50)) == true)
        #expect(gate.deadline == Self.at(60))
        #expect(gate.takeLeftOut(at: Self.at(59)).isEmpty)
        let leftOut = gate.takeLeftOut(at: Self.at(60))
        #expect(leftOut.map(\.kind) == ["junk"] && leftOut.map(\.count) == [97])
        #expect(gate.deadline == nil)
        #expect(gate.admit("junk", upTo: 3, at: Self.at(60)) == true)
    }

    @Test func `what has one line a minute has one when it goes on`() {
        var gate = LogGate()
        var lines: [String] = []
        for second in Int64(0)..<200 {
            for (_, count) in gate.takeLeftOut(at: Self.at(second)) {
                lines.append("\(count) more")
            }
            if gate.admit("refused", upTo: 1, at: Self.at(second)) == true {
                lines.append("refused")
            }
        }
        #expect(lines == ["refused", "59 more", "60 more", "60 more"])
    }

    @Test func `kinds that strangers make up are bounded`() {
        var gate = LogGate()
        for number in 0..<LogGate.windowCountMax {
            #expect(gate.admit("\(number)", upTo: 1, at: Self.at(0)) == true)
        }
        #expect(gate.admit("one more", upTo: 1, at: Self.at(0)) == nil)
        #expect(gate.admit("our own", upTo: 10, at: Self.at(0)) == true)
        #expect(gate.admit("7", upTo: 1, at: Self.at(1)) == false)
        #expect(gate.admit("one more", upTo: 1, at: Self.at(61)) == true)
        let leftOut = gate.takeAllLeftOut()
        #expect(leftOut.map(\.kind) == ["7"])
    }
}
