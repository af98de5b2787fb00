import Routing
import Simulation

extension Scenario {
    /// A random tree in which one thing after the other happens, each when the tree has healed from the one before it: order must hold all the way.
    static func sequence(seed: UInt64) -> Scenario {
        var generator = SeededGenerator(seed: seed ^ 0xA11)
        return Scenario.random(seed: seed).with {
            $0.name = "sequence \(seed)"
            $0.isStrict = true
            $0.timersErr = false
            $0.mayEnd = true
            var accidents: [Accident] = []
            for _ in 0..<Int.random(in: 2...4, using: &generator) {
                accidents += [.awaitHealing, accident(in: $0, using: &generator)]
            }
            $0.accidents = [.inTurn(accidents)]
            for node in $0.bursts.keys.sorted() {
                // There is to be something under way all the time.
                $0.bursts[node] = Array(repeating: $0.bursts[node] ?? [], count: 4).flatMap(\.self)
            }
        }
    }

    private static func accident(
        in scenario: Scenario,
        using generator: inout SeededGenerator
    ) -> Accident {
        let all = Array(scenario.names.indices)
        let first = scenario.standbys.count + 1
        let node = Int.random(in: first..<all.count, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .kill([0])
        case 1: return .kill(all)
        case 2: return .restart(Array(all.dropFirst()))
        case 3: return .stop(all)
        case 4: return .breakLink(child: Int.random(in: 1..<all.count, using: &generator))
        default: return .move(node, to: Int.random(in: 0..<node, using: &generator))
        }
    }
}
