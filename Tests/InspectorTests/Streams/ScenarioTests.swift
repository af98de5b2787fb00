import Testing

/// What an operator reads, scenario by scenario: `Golden/*.txt`.
@Suite struct ScenarioTests {
    @Test(arguments: ["repairs.txt", "sources.txt", "sequences.txt", "taps.txt", "scopes.txt"])
    func `every scenario gives its report`(_ name: String) throws {
        try ScenarioFile(name).check { try StreamScenario.outcome($0) }
    }
}
