import Testing

@testable import Routing

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
        Row("nocoverage", Scenarios.mid, 0),
        Row("syncahead", Scenarios.siblings, 327),
        Row("noresend", Scenarios.chain, 0),
        Row("nodedupe", Scenarios.mid, 6),
        Row("anyorder", Scenarios.root.busily, 6),
        Row("ackearly", Scenarios.root, 22),
        Row("ackone", Scenarios.both, 28),
        Row("nocollect", Scenarios.root, 6),
        Row("void", Scenarios.root, 26),
        Row("nofill", Scenarios.root, 26),
        Row("resendtokids", Scenarios.siblings, 105),
        Row("noroster", Scenarios.toroot, 225),
        Row("norosterwait", Scenarios.toroot.busily, 10),
        Row("keepcandidate", Scenarios.fromroot.busily, 3),
        Row("noahead", Scenarios.glitch2, 187),
        Row("noawaitold", Scenarios.reign, 60),
        Row("noforeign", Scenarios.partition.busily, 1),
        Row("keepnothing", Scenarios.latemove.busily, 38),
        Row("heirserves", Scenarios.heir, 8),
        Row("earlyeffective", Scenarios.late, 1),
        Row("nolinger", Scenarios.demand, 2),
        Row("namelost", Scenarios.standbylink.busily, 182),
        Row("handoverearly", Scenarios.hand.lazily.busily, 6),
        Row("twooffices", Scenarios.handlink, 4),
        Row("mirrordemand", Scenarios.standbydemand, 0),
        Row("cancelopen", Scenarios.cancelsync, 21),
        Row("rxearly", Scenarios.glitch.lazily.busily, 374),
        Row("syncnow", Scenarios.late.lazily, 13),
        Row("leaveunstable", Scenarios.leave.busily, 41),
        Row("serviceblind", Scenarios.standbylink.lazily.busily, 103),
        Row("oldinterest", Scenarios.latemove.busily, 155),
        Row("candidateanswers", Scenarios.tostandby.lazily.busily, 160),
        Row("ownkids", Scenarios.reign.busily, 778),
        Row("forgetdemand", Scenarios.demandroot.erring, 31),
    ]

    @Test func `every rule that can be broken has a row, here or among the schedules`() {
        let rules = LinkRule.allCases.map(\.rawValue) + ["namelost"]
        let schedules = LinkScheduleTests.rows.map(\.rule.rawValue)
        #expect((Self.rows.map(\.mutation) + schedules).sorted() == rules.sorted())
    }

    @Test(arguments: rows)
    func `a broken rule is found out, where the rule itself is not`(row: Row) {
        let found = LinkSimulationTests.violations(row.scenario, row.seed, breaking: row.mutation)
        #expect(!found.isEmpty, "seed \(row.seed) finds nothing any more: look for another one")
        #expect(LinkSimulationTests.violations(row.scenario, row.seed).isEmpty)
    }
}
