import Inspector
import Simulation
import Testing

/// Taps without a plan: each should have what the others have.
@Suite struct TapVerdictTests {
    @Test func `what reaches both taps once is as planned`() {
        var lab = TapLab()
        let (source, leaf) = (lab.addTap("source"), lab.addTap("leaf"))
        for number in 0..<1000 {
            lab.see("m\(number)", at: source, packet: UInt32(number), milliseconds: Double(number))
            lab.see(
                "m\(number)",
                at: leaf,
                packet: UInt32(number),
                milliseconds: Double(number) + 2
            )
        }
        let verdict = lab.verdict()
        #expect(verdict.outcome == .asPlanned, "\(verdict.reasons)")
        #expect(verdict.messageCount == 1000)
        #expect(verdict.receiver("leaf").deliveredCount == 1000)
        #expect(verdict.receiver("leaf").lostCount == 0)
    }

    @Test func `losses and repairs of a stream are told by their numbers`() throws {
        var lab = TapLab()
        let (source, leaf) = (lab.addTap("source"), lab.addTap("leaf"))
        for number in 0..<1000 {
            // Two messages in each packet.
            let packet = UInt32.max - 100 &+ UInt32(number / 2)
            lab.see("m\(number)", at: source, packet: packet, milliseconds: Double(number))
            if (500..<510).contains(number) || number == 700 { continue }
            lab.see(
                "m\(number)",
                at: leaf,
                packet: packet,
                milliseconds: Double(number) + 2,
                isRepaired: number == 100
            )
        }
        let verdict = lab.verdict()
        let receiver = verdict.receiver("leaf")
        #expect(verdict.outcome == .notAsPlanned)
        #expect(receiver.lostCount == 11 && receiver.repairedCount == 1)
        #expect(receiver.losses.map(\.first) == [501, 701])
        #expect(receiver.losses.map(\.last) == [510, 701])
        #expect(receiver.losses.allSatisfy { $0.hop == "source → leaf" })
        let reason = try #require(verdict.reasons.first)
        #expect(
            reason.text
                == "11 of 1,000 messages never reached leaf; first missing at source → leaf"
        )
        #expect(verdict.hops.map(\.lostCount) == [11])
    }

    /// All that passes within a tap's first second; `ticks` gives every third message the same content.
    @Test(arguments: [["source", "leaf"], ["leaf", "source"]], [false, true])
    func `the order of the taps makes no difference over PGM`(names: [String], ticks: Bool) {
        var lab = TapLab()
        var taps: [String: Int] = [:]
        for name in names { taps[name] = lab.addTap(name) }
        for number in 0..<100 {
            let content = ticks && number % 3 == 1 ? "tick" : "m\(number)"
            for (name, lost) in [("source", 41..<41), ("leaf", 50..<54)]
            where !lost.contains(number) {
                lab.see(
                    content,
                    at: taps[name] ?? 0,
                    packet: UInt32(number),
                    milliseconds: Double(number) + (name == "leaf" ? 1 : 0)
                )
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.outcome == .notAsPlanned)
        #expect(verdict.codes == ["lost"])
        #expect(verdict.messageCount == 100)
        #expect(verdict.receiver("leaf").lostCount == 4)
        #expect(verdict.receiver("leaf").losses.map(\.count) == [4])
        #expect(verdict.receiver("source").lostCount == 0)
        #expect(verdict.receiver("source").duplicatedCount == 0)
    }

    @Test(arguments: [
        ["source", "relay", "leaf"], ["leaf", "source", "relay"], ["leaf", "relay", "source"],
    ])
    func `the order of the taps makes no difference in mid-flow`(names: [String]) {
        var lab = TapLab()
        var taps: [String: Int] = [:]
        for name in names { taps[name] = lab.addTap(name) }
        func see(_ number: Int, _ connection: UInt16, at name: String) {
            lab.see(
                "\(number)",
                of: "wx",
                at: taps[name] ?? 0,
                connection: connection,
                milliseconds: Double(number),
                isMidflow: true
            )
        }
        for number in 0..<100 {
            see(number, 1, at: "source")
            see(number, 1, at: "relay")
            if number != 30 { see(number, 2, at: "relay") }
            if number != 30, number != 60 { see(number, 2, at: "leaf") }
        }
        let verdict = lab.verdict()
        #expect(verdict.messageCount == 100)
        #expect(verdict.receiver("leaf").lostCount == 2)
        #expect(verdict.receiver("relay").lostCount == 0)
        #expect(verdict.outcome == .notAsPlanned)
    }

    @Test(arguments: [["root", "leaf"], ["leaf", "root"]])
    func `a gap of a capture is a doubt in either order`(names: [String]) {
        var lab = TapLab()
        var taps: [String: Int] = [:]
        for name in names { taps[name] = lab.addTap(name) }
        for number in 0..<100 {
            let time = Double(number)
            lab.see("m\(number)", at: taps["root"] ?? 0, connection: 1, milliseconds: time)
            if number == 50 { lab.gap(at: taps["leaf"] ?? 0, connection: 2) }
            guard ![50, 70].contains(number) else { continue }
            lab.see("m\(number)", at: taps["leaf"] ?? 0, connection: 2, milliseconds: time + 1)
        }
        let leaf = lab.verdict().receiver("leaf")
        #expect(leaf.lostCount == 1)
        #expect(leaf.undecidedCount == 1)
    }

    @Test func `messages are followed over TCP hops by their content`() {
        var lab = TapLab()
        let (root, relay, leaf) = (lab.addTap("root"), lab.addTap("relay"), lab.addTap("leaf"))
        for number in 0..<500 {
            let time = Double(number)
            lab.see("m\(number)", at: root, connection: 1, milliseconds: time)
            if number != 77 {
                lab.see("m\(number)", at: relay, connection: 1, milliseconds: time + 1)
            }
            if number != 77 && number != 300 {
                lab.see("m\(number)", at: relay, connection: 2, milliseconds: time + 1.2)
                lab.see("m\(number)", at: leaf, connection: 2, milliseconds: time + 2)
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.receiver("relay").lostCount == 1)
        #expect(verdict.receiver("leaf").lostCount == 2)
        #expect(verdict.receiver("leaf").parent == "relay")
        #expect(verdict.receiver("leaf").duplicatedCount == 0)
    }

    @Test func `a message that comes twice is duplicated`() {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf"))
        for number in 0..<100 {
            lab.see("m\(number)", at: root, connection: 1, milliseconds: Double(number))
            lab.see("m\(number)", at: leaf, connection: 2, milliseconds: Double(number) + 1)
            if number == 40 {
                lab.see("m\(number)", at: leaf, connection: 2, milliseconds: Double(number) + 1.5)
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.outcome == .notAsPlanned)
        #expect(verdict.codes == ["duplicated"])
        #expect(verdict.receiver("leaf").duplicatedCount == 1)
        #expect(verdict.receiver("leaf").lostCount == 0)
    }

    @Test func `equal contents are counted right and said to be ambiguous`() {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf"))
        for number in 0..<200 {
            lab.see("tick", at: root, connection: 1, milliseconds: Double(number))
            if number != 100 && number != 150 {
                lab.see("tick", at: leaf, connection: 2, milliseconds: Double(number) + 1)
            }
        }
        lab.see("end", at: root, connection: 1, milliseconds: 300)
        lab.see("end", at: leaf, connection: 2, milliseconds: 301)
        let verdict = lab.verdict()
        #expect(verdict.messageCount == 201)
        #expect(verdict.receiver("leaf").lostCount == 2)
        #expect(verdict.reasons.contains { $0.code == "ambiguous" && $0.count == 2 })
    }

    @Test func `repeated contents between unique ones are placed by their neighbours`() {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf"))
        for number in 0..<300 {
            let content = number % 3 == 1 ? "tick" : "m\(number)"
            lab.see(content, at: root, connection: 1, milliseconds: Double(number))
            if number != 100 && number != 150 {
                lab.see(content, at: leaf, connection: 2, milliseconds: Double(number) + 1)
            }
        }
        let losses = lab.verdict().receiver("leaf").losses
        #expect(losses.map(\.first) == [101, 151])
    }

    @Test(arguments: [0, 5_000_000_000, -7_250_000_000])
    func `clocks that are seconds apart are found out from packets both ways`(skew: Int64) throws {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf", skew: skew))
        for number in 0..<200 {
            let time = Double(number) * 10
            lab.see("m\(number)", at: root, connection: 1, milliseconds: time)
            lab.see("m\(number)", at: leaf, connection: 1, milliseconds: time + 3)
            // Data down in 2 ms or more, acknowledgements up in 1 ms or more.
            let jitter = Double(number % 7)
            lab.pass(UInt32(number), from: 1, to: 2, at: root, milliseconds: time)
            lab.pass(UInt32(number), from: 1, to: 2, at: leaf, milliseconds: time + 2 + jitter)
            lab.pass(UInt32(number), from: 2, to: 1, at: leaf, milliseconds: time)
            lab.pass(UInt32(number), from: 2, to: 1, at: root, milliseconds: time + 1 + jitter)
        }
        let receiver = lab.verdict().receiver("leaf")
        let clock = try #require(receiver.clock)
        #expect(clock.method == .bothWays)
        #expect(abs(clock.offsetNanoseconds - skew) <= 500_000)
        #expect(clock.uncertaintyNanoseconds == 1_500_000)
        #expect(abs(receiver.latency.maximum - 3_000_000) <= 600_000)
        #expect(receiver.lostCount == 0)
    }

    @Test func `late is what takes longer than the threshold`() {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf", skew: 1_000_000_000))
        for number in 0..<100 {
            let time = Double(number) * 10
            lab.see("m\(number)", at: root, connection: 1, milliseconds: time)
            lab.see(
                "m\(number)",
                at: leaf,
                connection: 1,
                milliseconds: time + (number == 9 ? 80 : 1)
            )
        }
        let verdict = lab.verdict(late: 50_000_000)
        #expect(verdict.receiver("leaf").lateCount == 1)
        #expect(verdict.receiver("leaf").clock?.method == .oneWay)
        #expect(verdict.codes == ["late"])
        #expect(verdict.outcome == .notAsPlanned)
    }

    @Test func `a capture that dropped packets cannot convict`() {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf", drops: 5))
        for number in 0..<100 {
            lab.see("m\(number)", at: root, packet: UInt32(number), milliseconds: Double(number))
            if number != 50 {
                lab.see(
                    "m\(number)",
                    at: leaf,
                    packet: UInt32(number),
                    milliseconds: Double(number)
                )
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.outcome == .undecided)
        #expect(verdict.receiver("leaf").undecidedCount == 1)
    }

    @Test func `nothing in common cannot be judged`() {
        var lab = TapLab()
        let (root, leaf) = (lab.addTap("root"), lab.addTap("leaf"))
        for number in 0..<100 {
            lab.see("a\(number)", at: root, connection: 1, milliseconds: Double(number))
            lab.see("b\(number)", at: leaf, connection: 2, milliseconds: Double(number))
        }
        let verdict = lab.verdict()
        #expect(verdict.outcome == .undecided)
        var empty = TapLab()
        _ = empty.addTap("root")
        #expect(empty.verdict().outcome == .undecided)
    }

    @Test func `random losses and disorder of repeated contents match a model`() {
        for seed in UInt64(0)..<60 { check(seed) }
    }

    /// One source and three leaves; contents repeat; each leaf loses and swaps at random.
    private func check(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var lab = TapLab()
        let source = lab.addTap("source")
        let leaves = (0..<3).map { lab.addTap("leaf\($0)", skew: Int64($0) * 3_000_000_000) }
        let count = 300
        let variety = [20, 300, 100_000].randomElement(using: &random) ?? 20
        // The first and last are unique, so that every loss is within what the leaf had.
        let contents = (0..<count).map { number in
            number == 0 || number == count - 1
                ? "edge\(number)" : "m\(Int.random(in: 0..<variety, using: &random))"
        }
        for (number, content) in contents.enumerated() {
            lab.see(content, at: source, connection: 1, milliseconds: Double(number))
        }
        var expectedLosses: [Int] = []
        for (index, leaf) in leaves.enumerated() {
            var sent = contents.indices.filter {
                $0 == 0 || $0 == count - 1 || Int.random(in: 0..<20, using: &random) > 0
            }
            let lost = count - sent.count
            for at in sent.indices.dropFirst().dropLast(2)
            where Int.random(in: 0..<30, using: &random) == 0 {
                sent.swapAt(at, at + 1)
            }
            var newest = 0
            for number in sent {
                newest = max(newest, number)
                lab.see(
                    contents[number],
                    at: leaf,
                    connection: UInt16(2 + index),
                    milliseconds: Double(newest) + 5
                )
            }
            // Contents that the leaf lost and had elsewhere make no difference to the number of losses.
            expectedLosses.append(lost)
        }
        let verdict = lab.verdict()
        #expect(verdict.messageCount == count, "seed \(seed)")
        for index in leaves.indices {
            let receiver = verdict.receiver("leaf\(index)")
            #expect(receiver.lostCount == expectedLosses[index], "seed \(seed) leaf \(index)")
            #expect(receiver.duplicatedCount == 0, "seed \(seed) leaf \(index)")
        }
    }
}
