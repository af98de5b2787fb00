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

    @Test func `order of the taps does not hide a loss`() {
        var lab = TapLab()
        let (leaf, source) = (lab.addTap("leaf"), lab.addTap("source"))
        for number in 0..<100 {
            // Longer than a tap is given to settle.
            let time = Double(number) * 100
            let packet = UInt32(number)
            lab.see("m\(number)", at: source, packet: packet, milliseconds: time)
            // What passes both joins their clocks.
            lab.pass(packet, from: 1, to: 2, at: source, milliseconds: time)
            lab.pass(packet, from: 1, to: 2, at: leaf, milliseconds: time + 1)
            if number != 50 {
                lab.see("m\(number)", at: leaf, packet: packet, milliseconds: time + 1)
            }
        }
        let verdict = lab.verdict()
        #expect(verdict.outcome == .notAsPlanned)
        #expect(verdict.receiver("leaf").lostCount == 1)
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
