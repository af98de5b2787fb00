import Simulation
import Testing

@testable import Inspector

/// A capture that begins late, ends early or has holes accuses no healthy fleet, and acquits no sick one.
@Suite struct CutVerdictTests {
    /// Moments of the lab, at which captures begin or end.
    private static let moments: [Int64] =
        [1_000_100_000, 1_100_150_000, 1_101_000_000, 1_200_300_000, 1_300_400_000, 1_500_200_000]
        + stride(from: Int64(2), through: 9, by: 1).map { $0 * 1_000_000_000 }
        + stride(from: CutLab.begin, to: CutLab.begin + 5_900_000_000, by: 151_700_123).map { $0 }

    private static let kinds: [CutLab.Options] = [true, false].flatMap { isLoopback in
        [true, false].flatMap { isMultipart in
            [true, false].map { isNarrow in
                var options = CutLab.Options()
                options.isLoopback = isLoopback
                options.isMultipart = isMultipart
                options.isNarrow = isNarrow
                return options
            }
        }
    }

    @Test(arguments: kinds.indices)
    func `one capture of a healthy fleet, begun at any time, accuses nobody`(kind: Int) async {
        let lab = CutLab(Self.kinds[kind])
        #expect(lab.judge([CutLab.Tap()]).verdict.outcome == .asPlanned)
        await concurrently(Self.moments) { moment in
            let (verdict, findings) = lab.judge([CutLab.Tap(range: moment..<Int64.max)])
            #expect(verdict.outcome != .notAsPlanned, "from \(moment): \(verdict.reasons)")
            #expect(!findings.contains { $0.severity != .note }, "from \(moment): \(findings)")
        }
    }

    @Test(arguments: kinds.indices)
    func `nor does one that ends at any time`(kind: Int) async {
        let lab = CutLab(Self.kinds[kind])
        await concurrently(Self.moments.enumerated()) { index, moment in
            let begin = index.isMultiple(of: 2) ? Int64.min : moment / 2
            let (verdict, findings) = lab.judge([CutLab.Tap(range: begin..<moment)])
            #expect(verdict.outcome != .notAsPlanned, "\(begin) to \(moment): \(verdict.reasons)")
            #expect(!findings.contains { $0.severity != .note }, "to \(moment): \(findings)")
        }
    }

    @Test func `taps of a healthy fleet that begin and end apart accuse nobody`() async {
        await concurrently(UInt64(0)..<60) { seed in
            var random = SeededGenerator(seed: seed)
            var options = CutLab.Options()
            options.isMultipart = Bool.random(using: &random)
            options.isNarrow = Bool.random(using: &random)
            let lab = CutLab(options, seed: seed)
            let taps = ["root", "relay", "leaf-1", "leaf-2"].map { node in
                let begin = Int64.random(in: 0...15_000_000_000, using: &random)
                let end = begin + Int64.random(in: 500_000_000...9_000_000_000, using: &random)
                return CutLab.Tap(
                    node: node,
                    range: begin..<end,
                    skew: Int64.random(in: -3_000_000_000...3_000_000_000, using: &random)
                )
            }
            let count = Int.random(in: 1...4, using: &random)
            let chosen = Array(taps.shuffled(using: &random).prefix(count))
            for hasPlan in [true, false] {
                let verdict = lab.judge(chosen, hasPlan: hasPlan).verdict
                #expect(
                    verdict.outcome != .notAsPlanned,
                    "seed \(seed), \(hasPlan): \(verdict.reasons)"
                )
            }
        }
    }

    @Test func `packets that the capture lost accuse nobody`() async {
        await concurrently([7, 13, 31, 101, 257]) { every in
            for moment in [Int64.min, 1_200_000_000, CutLab.begin + 1_000_000_000] {
                let lab = CutLab(CutLab.Options())
                let tap = CutLab.Tap(range: moment..<Int64.max, dropEvery: every)
                let verdict = lab.judge([tap]).verdict
                #expect(
                    verdict.outcome != .notAsPlanned,
                    "one in \(every) from \(moment): \(verdict.reasons)"
                )
            }
        }
    }

    @Test(arguments: kinds.indices)
    func `a loss that the capture still shows acquits nobody`(kind: Int) async {
        var chosen = Self.kinds[kind]
        chosen.lost = [200]
        let options = chosen
        let lab = CutLab(options)
        let loss = CutLab.begin + 200 * options.stepNanoseconds
        #expect(lab.judge([CutLab.Tap()]).verdict.outcome == .notAsPlanned)
        await concurrently(Self.moments.filter { $0 < loss - 500_000_000 }) { moment in
            let verdict = lab.judge([CutLab.Tap(range: moment..<Int64.max)]).verdict
            #expect(verdict.outcome != .asPlanned, "from \(moment): \(verdict.reasons)")
            // Topics that come again and again say what was subscribed to.
            if options.isMultipart {
                #expect(verdict.outcome == .notAsPlanned, "from \(moment): \(verdict.reasons)")
                #expect(verdict.receivers.contains { $0.lostCount == 1 }, "from \(moment)")
            }
        }
    }

    @Test func `a leaf that is not there is missed when the capture would show it`() {
        var options = CutLab.Options()
        options.isLeafAbsent = true
        options.count = 900
        let lab = CutLab(options)
        let whole = lab.judge([CutLab.Tap()]).verdict
        #expect(whole.codes == ["not-connected"], "\(whole.reasons)")
        let cut = lab.judge([CutLab.Tap(range: 2_000_000_000..<Int64.max)]).verdict
        #expect(cut.outcome == .undecided)
        #expect(cut.codes == ["not-observed"], "\(cut.reasons)")
    }

    @Test func `on loopback a node in mid-flow cannot be told from others, and that is said`()
        throws
    {
        var options = CutLab.Options()
        options.isLoopback = true
        options.isNarrow = false
        let lab = CutLab(options)
        let verdict = lab.judge([CutLab.Tap(range: CutLab.begin..<Int64.max)]).verdict
        #expect(verdict.outcome == .undecided)
        #expect(
            Set(verdict.codes) == ["unidentified", "interest-unknown"],
            "\(verdict.reasons)"
        )
        #expect(verdict.reasons.contains { $0.code == "mid-flow" })
        // What its connections carry is judged all the same.
        let strangers = verdict.receivers.filter { $0.name.hasPrefix("127.0.0.1:") }
        #expect(strangers.count == 5)
        #expect(strangers.filter { $0.deliveredCount > 250 }.count == 4)
    }

    @Test func `with addresses of their own, nodes in mid-flow are judged`() {
        var options = CutLab.Options()
        options.isNarrow = false
        let lab = CutLab(options)
        let verdict = lab.judge([CutLab.Tap(range: CutLab.begin..<Int64.max)]).verdict
        #expect(verdict.receiver("leaf-1").deliveredCount > 290, "\(verdict.reasons)")
        #expect(verdict.receiver("leaf-2").deliveredCount > 290)
        #expect(verdict.receiver("leaf-2").lostCount == 0)
    }
}
