import Simulation
import Testing

@testable import PGM

struct DeadlineTournamentTests {
    @Test(arguments: 0..<20)
    func `it knows what a list of all knows`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var tournament = DeadlineTournament()
        var model = [Int64](repeating: .max, count: 100)
        for _ in 0..<2_000 {
            let slot = Int.random(in: 0..<(1 + Int(seed) * 5), using: &random)
            let deadline =
                Bool.random(using: &random) ? .max : Int64.random(in: 0..<50, using: &random)
            tournament.set(slot, deadline)
            model[slot] = deadline
            let now = Int64.random(in: -1..<60, using: &random)
            #expect(tournament.earliest == model.min())
            #expect(
                tournament.due(at: now)
                    == model.indices.filter { model[$0] <= now && model[$0] != .max }
            )
        }
    }

    @Test func `nobody is due when nobody has a deadline`() {
        var tournament = DeadlineTournament()
        #expect(tournament.earliest == .max && tournament.due(at: .max).isEmpty)
        tournament.set(9, 4)
        #expect(tournament.due(at: 4) == [9])
        tournament.set(9, .max)
        #expect(tournament.earliest == .max && tournament.due(at: .max).isEmpty)
    }
}
