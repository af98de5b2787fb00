@testable import Routing
import Foundation
import Testing

/// Production cores in the trees of the model, under virtual time: relays are killed, stopped and cut off, links break, children move.
/// A failure names its tree and its seed.
@Suite struct LinkSimulationTests {
    @Test(arguments: Scenarios.all)
    func `every living relay's subscriber has the tree's order, once`(scenario: Scenario) {
        for seed in Self.seeds(6) { expectPeace(scenario, seed) }
    }

    @Test(arguments: 0..<4)
    func `random trees keep the order, whatever happens to them`(part: UInt64) {
        for seed in Self.seeds(120) where seed % 4 == part {
            expectPeace(.random(seed: seed), seed)
        }
    }

    @Test(arguments: 0..<4)
    func `one accident after the other, each when the tree has healed, breaks no order`(
        part: UInt64
    ) {
        for seed in Self.seeds(80) where seed % 4 == part {
            expectPeace(.sequence(seed: seed), seed)
        }
    }

    @Test func `a stopped relay is treated as one that died, and does no harm when it wakes`() {
        for node in 0...3 {
            let scenario = Scenarios.root.with {
                $0.name = "stop \(node)"
                $0.accidents = [.stop([node])]
            }
            for seed in Self.seeds(10) { expectPeace(scenario, seed) }
        }
    }

    @Test func `A9: a relay that is started again fills its ring backwards for its children`() {
        let scenario = Scenarios.mid.with {
            $0.name = "restart"
            $0.accidents = [.restart([2])]
        }
        for seed in Self.seeds(30) { expectPeace(scenario, seed) }
    }

    @Test func `C3: a standby that is started again is taken into service anew`() {
        let scenario = Scenarios.root.with {
            $0.name = "restarted standby"
            $0.accidents = [.restart([1])]
        }
        for seed in Self.seeds(20) {
            let world = LinkWorld(scenario, seed: seed)
            world.run()
            world.judge()
            #expect(world.violations == [], "seed \(seed)")
            #expect(world.arbiter.service == [1], "seed \(seed)")
        }
    }

    @Test func `§9, G1: what a ring has lost is a gap that is told, and never silence`() {
        let scenario = Scenarios.mid.lazily.with {
            $0.name = "small rings"
            $0.bursts = [3: Array(repeating: [Array("x".utf8), Array("y".utf8)], count: 30)]
            $0.options.ringOctetCountMax = 100
            $0.accidents = [.kill([2])]
        }
        var gapCount = 0
        for seed in Self.seeds(20) {
            let world = LinkWorld(scenario, seed: seed)
            world.run()
            #expect(world.violations == [], "seed \(seed)")
            for host in world.hosts where host.isUp {
                var gaps = NumberSet()
                for case .gap(let numbers) in host.reports { gaps.insert(numbers) }
                gapCount += gaps.isEmpty ? 0 : 1
                let wanted = world.numbered.keys.sorted().filter {
                    world.numbered[$0].map { host.first.wants($0.topic) } ?? false
                }
                let got = host.first.received
                let expected = wanted.filter { number in
                    !gaps.contains(number)
                        || world.numbered[number].map { got.contains($0) } ?? false
                }
                #expect(
                    got == expected.compactMap { world.numbered[$0] },
                    "seed \(seed), \(host.name)"
                )
            }
        }
        #expect(gapCount > 0, "no ring was too small for anybody")
    }

    @Test func `F4: a number whose origin does not come back is void, and what follows is served`()
    {
        let scenario = Scenarios.root.with {
            $0.name = "void"
            $0.options.fillTimeMax = .milliseconds(1)
            $0.isStrict = false
        }
        var voidCount = 0
        for seed in Self.seeds(60) {
            let world = LinkWorld(scenario, seed: seed)
            world.run()
            let root = world.hosts.first { $0.isUp && $0.link.isRoot }
            let void = root?.link.state.ring.void.ranges.reduce(0) { $0 + $1.count } ?? 0
            voidCount += void
            world.judge()
            // What is void is lost, as reported, and nothing else is.
            let lost = world.violations.filter { $0.hasPrefix("lost") }.count
            #expect(
                lost == void && lost == world.violations.count,
                "seed \(seed): \(world.violations)"
            )
        }
        #expect(voidCount > 0, "no number was void in any seed")
    }

    @Test func `a seed repeats its run`() {
        func events(_ seed: UInt64) -> Int {
            let world = LinkWorld(Scenarios.deep, seed: seed)
            world.run()
            return world.eventCount
        }
        #expect(events(3) == events(3))
        #expect(events(3) != events(4))
    }

    static func seeds(_ count: UInt64) -> Range<UInt64> {
        let factor = ProcessInfo.processInfo.environment["XYLEM_SEEDS"].flatMap(UInt64.init) ?? 1
        return 0..<count * factor
    }

    private func expectPeace(_ scenario: Scenario, _ seed: UInt64) {
        let violations = Self.violations(scenario, seed)
        guard !violations.isEmpty else { return }
        Issue.record("\(scenario.name), seed \(seed): \(violations.joined(separator: "; "))")
    }

    static func violations(
        _ scenario: Scenario,
        _ seed: UInt64,
        breaking broken: String? = nil
    ) -> [String] {
        let world = LinkWorld(scenario, seed: seed, breaking: broken)
        let folder = ProcessInfo.processInfo.environment["XYLEM_TRACE"]
        if folder != nil { world.trace = [] }
        world.run()
        world.judge()
        if !world.violations.isEmpty, let folder, let trace = world.trace {
            let name = [scenario.name, broken, "\(seed)"].compactMap { $0 }.joined(separator: "-")
            try? trace.joined(separator: "\n").write(
                toFile: "\(folder)/\(name).txt",
                atomically: false,
                encoding: .utf8
            )
        }
        return world.violations
    }
}

extension Scenario: CustomTestStringConvertible {
    var testDescription: String { name }
}
