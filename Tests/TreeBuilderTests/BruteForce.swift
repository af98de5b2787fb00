import Topology

@testable import TreeBuilder

/// The exact optimum of a small problem, by looking at every assignment of parents: (n − 1)ⁿ⁻¹ of them.
enum BruteForce {
    /// - Returns: the least value of the objective in picoseconds; `nil` when no tree exists.
    static func optimum(_ problem: TreeProblem) -> Double? {
        let others = (0..<problem.nodeCount).filter { $0 != problem.root }
        var choice = [Int](repeating: 0, count: problem.nodeCount)
        var best: Double?
        while true {
            if let value = value(of: choice, in: problem) { best = min(best ?? value, value) }
            var digit = 0
            while digit < others.count {
                choice[others[digit]] += 1
                if choice[others[digit]] < problem.nodeCount { break }
                choice[others[digit]] = 0
                digit += 1
            }
            if digit == others.count { return best }
        }
    }

    private static func value(of parent: [Int], in problem: TreeProblem) -> Double? {
        var counts = [Int32](repeating: 0, count: problem.nodeCount)
        for node in parent.indices where node != problem.root {
            guard parent[node] != node else { return nil }
            if problem.fixedParent[node] >= 0, problem.fixedParent[node] != parent[node] {
                return nil
            }
            counts[parent[node]] += 1
            guard counts[parent[node]] <= problem.capacity[parent[node]] else { return nil }
        }
        var largest: Picoseconds = 0
        var sum = 0.0
        var price = 0.0
        var copies = [Int32](repeating: 0, count: problem.links?.price.count ?? 0)
        for node in parent.indices {
            var current = node
            var delay: Picoseconds = 0
            var steps = 0
            while current != problem.root {
                guard let edge = problem.edgeDelay(from: parent[current], to: current) else {
                    return nil
                }
                delay += edge
                current = parent[current]
                steps += 1
                guard steps < parent.count else { return nil }
            }
            if let limits = problem.delayLimit, delay > limits[node] { return nil }
            largest = max(largest, delay)
            sum += problem.weight[node] * Double(delay)
            guard node != problem.root else { continue }
            price += problem.price(from: parent[node], to: node)
            problem.forEachLink(from: parent[node], to: node) { copies[$0] += 1 }
        }
        if let copyMax = problem.links?.copyMax, zip(copies, copyMax).contains(where: { $0 > $1 }) {
            return nil
        }
        switch problem.objective {
        case .radius: return Double(largest)
        case .mean: return sum / problem.weightSum
        case .cost: return price
        }
    }
}
