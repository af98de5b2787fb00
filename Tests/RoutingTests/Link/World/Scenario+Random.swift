import Routing
import Simulation

extension Scenario {
    /// A random tree of 5 to 8 relays, with random interest, publishers, backups and accidents.
    static func random(seed: UInt64) -> Scenario {
        var generator = SeededGenerator(seed: seed ^ 0x5EED)
        return random(using: &generator).with { $0.name = "random tree \(seed)" }
    }

    private static func random(using generator: inout SeededGenerator) -> Scenario {
        let count = Int.random(in: 5...8, using: &generator)
        let standbys = chance(0.4, &generator) ? [1, 2] : [1]
        let first = standbys.count + 1
        var parents: [Int?] = [nil] + standbys.map { _ in 0 }
        for node in first..<count {
            let able = (0..<node).filter { $0 == 0 || $0 >= first || chance(0.3, &generator) }
            parents.append(node == first ? 0 : able.randomElement(using: &generator) ?? 0)
        }
        var backups: [[Int]] = [[]] + standbys.map { _ in [0] }
        for node in first..<count {
            let able = (0..<node).filter { $0 != parents[node] }.shuffled(using: &generator)
            let wish = able.prefix(Int.random(in: 1...3, using: &generator))
            backups.append(wish + [0, 1].filter { !wish.contains($0) })
        }
        let wants = (0..<count).map { _ in
            ["", "", "x", "y", "xy"].randomElement(using: &generator) ?? ""
        }
        var bursts: [Int: [String]] = [:]
        let origins = [0] + Array(first..<count) + Array(first..<count)
        for _ in 0..<Int.random(in: 2...8, using: &generator) {
            let origin = origins.randomElement(using: &generator) ?? 0
            let burst = ["x", "y", "xy", "yx", "xx"].randomElement(using: &generator) ?? "x"
            bursts[origin, default: []].append(burst)
        }
        let names = String("RST".prefix(first) + "ABCDEFGH".prefix(count - first))
        return Scenario(
            "",
            names,
            parents: parents,
            backups: backups,
            wants: wants,
            bursts: bursts
        ).with {
            $0.standbys = standbys
            $0.isLazy = chance(0.5, &generator)
            addAccidents(to: &$0, first: first, using: &generator)
        }
    }

    private static func addAccidents(
        to scenario: inout Scenario,
        first: Int,
        using generator: inout SeededGenerator
    ) {
        let count = scenario.names.count
        let all = Array(0..<count)
        let victims = chance(0.6, &generator) ? all : [0]
        if chance(0.5, &generator) {
            let node = Int.random(in: first..<count, using: &generator)
            scenario.accidents.append(.move(node, to: Int.random(in: 0..<node, using: &generator)))
        }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0..<3: scenario.accidents.append(.kill(victims))
        case 3: scenario.accidents.append(.stop(victims))
        case 4:
            let child = Int.random(in: 1..<count, using: &generator)
            scenario.accidents += [.kill(victims), .breakLink(child: child)]
            scenario.mayEnd = scenario.standbys.contains(child)
        case 5: scenario.accidents.append(.fence)
        case 6:
            scenario.accidents.append(
                .cut([0] + all.dropFirst(first).filter { _ in chance(0.4, &generator) })
            )
            scenario.isStrict = false
        default:
            scenario.accidents.append(.handOver)
            if chance(0.7, &generator) { scenario.accidents.append(.kill(all)) }
        }
        if chance(0.15, &generator), !scenario.accidents.contains(where: \.isHandOver) {
            scenario = scenario.erring
        }
    }

    private static func chance(_ probability: Double, _ generator: inout SeededGenerator) -> Bool {
        Double.random(in: 0..<1, using: &generator) < probability
    }
}

extension Accident {
    fileprivate var isHandOver: Bool {
        if case .handOver = self { return true }
        return false
    }
}
