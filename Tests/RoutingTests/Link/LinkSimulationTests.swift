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
        if ProcessInfo.processInfo.environment["XYLEM_TRACE"] != nil { world.trace = [] }
        world.run()
        world.judge()
        if !world.violations.isEmpty, let trace = world.trace {
            print(trace.joined(separator: "\n"))
        }
        return world.violations
    }
}

extension Scenario: CustomTestStringConvertible {
    var testDescription: String { name }
}
