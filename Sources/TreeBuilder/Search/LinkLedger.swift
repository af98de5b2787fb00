import Topology

/// What the edges of a tree in the making cost, and how often they cross each link; mesh mode, where an edge may cross many.
final class LinkLedger {
    private let problem: TreeProblem
    private let copyMax: ContiguousArray<Int32>
    private var copies: ContiguousArray<Int32>
    /// By parent and child; empty in link mode.
    private let prices: ContiguousArray<Double>
    private let isPriced: Bool
    /// Copies over what the links carry, summed over all of them.
    private(set) var overload = 0
    private(set) var price = 0.0

    /// - Returns: `nil` when neither bandwidth nor costs matter to the problem.
    init?(_ problem: TreeProblem, _ tree: Arborescence) {
        let isPriced = problem.objective == .cost
        let copyMax = problem.mode == .mesh ? problem.links?.copyMax : nil
        guard let links = problem.links, isPriced || copyMax != nil else { return nil }
        self.problem = problem
        // In link mode a tree crosses each link once at most; links that cannot bear that are not in the graph.
        self.copyMax = copyMax ?? []
        copies = ContiguousArray(repeating: 0, count: self.copyMax.count)
        self.isPriced = isPriced
        prices = isPriced && problem.mode == .mesh ? Self.prices(problem, links) : []
        for node in tree.parent.indices where tree.parent[node] >= 0 {
            cross(from: Int(tree.parent[node]), to: node, 1)
        }
    }

    var limitsBandwidth: Bool { !copyMax.isEmpty }

    /// Takes an edge into the tree, or, with −1, out of it.
    func cross(from parent: Int, to child: Int, _ sign: Int32) {
        if isPriced {
            let edge =
                prices.isEmpty
                ? problem.price(from: parent, to: child)
                : prices[parent * problem.nodeCount + child]
            price += Double(sign) * edge
        }
        guard !copyMax.isEmpty else { return }
        problem.forEachLink(from: parent, to: child) { link in
            let before = max(0, copies[link] - copyMax[link])
            copies[link] += sign
            overload += Int(max(0, copies[link] - copyMax[link]) - before)
        }
    }

    private static func prices(
        _ problem: TreeProblem,
        _ links: LinkTable
    ) -> ContiguousArray<Double> {
        let count = problem.nodeCount
        var prices = ContiguousArray<Double>(repeating: -1, count: count * count)
        guard let delays = problem.delays else { return prices }
        guard problem.underlay == nil, problem.regions == nil else {
            for pair in prices.indices {
                prices[pair] = problem.price(from: pair / count, to: pair % count)
            }
            return prices
        }
        var path: [Int] = []
        for source in 0..<count {
            let row = source * count
            prices[row + source] = 0
            for target in 0..<count {
                var node = target
                while prices[row + node] < 0 {
                    path.append(node)
                    node = delays.node(before: node, from: source)
                }
                while let next = path.popLast() {
                    let arc = problem.graph.arc(from: node, to: next)
                    let price = arc.map { links.price[links.link(ofArc: $0)] } ?? 0
                    prices[row + next] = prices[row + node] + price
                    node = next
                }
            }
        }
        return prices
    }
}
