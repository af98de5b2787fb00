@testable import Routing
import Foundation
import Testing

/// Each rule of the link that is broken does harm, and the simulation finds it (tree-link.md, §10).
///
/// A row names the tree that shows it and a seed that does. When the cores change, another seed may be needed: it is looked for.
@Suite struct LinkMutationTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var mutation: String
        var scenario: Scenario
        var seed: UInt64

        init(_ mutation: String, _ scenario: Scenario, _ seed: UInt64) {
            self.mutation = mutation
            self.scenario = scenario
            self.seed = seed
        }

        var testDescription: String { "\(mutation) in \(scenario.name)" }
    }

    static let rows: [Row] = [
        Row("nocoverage", Scenarios.mid, 0), Row("syncahead", Scenarios.siblings, 0),
        Row("noresend", Scenarios.chain, 0), Row("nodedupe", Scenarios.mid, 0),
        Row("anyorder", Scenarios.root.busily, 0), Row("noskip", Scenarios.behind.busily, 0),
        Row("ackearly", Scenarios.root, 0), Row("ackone", Scenarios.both, 0),
        Row("nocollect", Scenarios.root, 0), Row("void", Scenarios.root, 0),
        Row("nofill", Scenarios.root, 0), Row("adoptorphan", Scenarios.two.busily, 0),
        Row("resendtokids", Scenarios.siblings, 0), Row("noroster", Scenarios.toroot, 0),
        Row("norosterwait", Scenarios.toroot.busily, 0),
        Row("rxblind", Scenarios.again.lazily.busily, 0),
        Row("leaveunstable", Scenarios.leave, 0),
        Row("candidateanswers", Scenarios.tostandby.busily, 0),
        Row("keepcandidate", Scenarios.fromroot.busily, 0), Row("noahead", Scenarios.glitch2, 0),
        Row("noawaitold", Scenarios.reign, 0), Row("noforeign", Scenarios.partition.busily, 0),
        Row("oldinterest", Scenarios.latemove, 0), Row("keepnothing", Scenarios.latemove.busily, 0),
        Row("heirserves", Scenarios.heir, 0), Row("rootunaware", Scenarios.heir2.busily, 0),
        Row("earlyeffective", Scenarios.late, 0), Row("nolinger", Scenarios.demand, 0),
        Row("forgetdemand", Scenarios.demandroot, 0),
        Row("rxearly", Scenarios.glitch.lazily.busily, 0),
        Row("rxstale", Scenarios.again.lazily.busily, 0),
        Row("syncnow", Scenarios.late.lazily.busily, 0),
        Row("rosterearly", Scenarios.outs.lazily.busily, 0),
        Row("rosterlive", Scenarios.heir3.busily, 0),
        Row("serviceblind", Scenarios.standbylink, 0),
        Row("namelost", Scenarios.standbylink.busily, 0),
        Row("ownkids", Scenarios.reign.busily, 0),
        Row("tailmoves", Scenarios.fromstandby.busily, 0),
        Row("handoverearly", Scenarios.hand.lazily.busily, 0),
        Row("twooffices", Scenarios.handlink, 0),
        Row("mirrordemand", Scenarios.standbydemand, 0),
        Row("cancelopen", Scenarios.cancelsync, 0),
        Row("tailhole", Scenarios.both.erring.lazily, 0),
    ]

    @Test func `every rule that can be broken has a row`() {
        let rules = LinkRule.allCases.map(\.rawValue) + ["namelost"]
        #expect(Self.rows.map(\.mutation).sorted() == rules.sorted())
    }

    @Test(arguments: rows)
    func `a broken rule is found out`(row: Row) {
        let hunt = ProcessInfo.processInfo.environment["XYLEM_HUNT"].flatMap(UInt64.init) ?? 200
        for seed in [row.seed] + Array(0..<hunt) {
            let found = LinkSimulationTests.violations(row.scenario, seed, breaking: row.mutation)
            guard !found.isEmpty else { continue }
            if seed != row.seed || row.seed == 0 {
                print("FOUND \(row.mutation) \(row.scenario.name) \(seed): \(found[0].prefix(150))")
            }
            return
        }
        for seed in 0..<(hunt > 200 ? hunt : 0) {
            let scenario = Scenario.random(seed: seed)
            let found = LinkSimulationTests.violations(scenario, seed, breaking: row.mutation)
            if !found.isEmpty {
                print("FOUND-RANDOM \(row.mutation) \(seed): \(found[0].prefix(150))")
            }
        }
        Issue.record("\(row.mutation): no seed of \(row.scenario.name) finds it out")
    }
}
