import Topology

/// All trees of a topology, one after the other, within what their nodes' uplinks and links carry together.
///
/// A tree takes the best that is left. When nothing is left for a later one, it goes first and the others start over; when that
/// leads back to an order that failed, every tree gets its share of the uplinks, by rate.
///
/// Roots that nobody names are spread: see `RootChoice`.
struct TreeSet {
    let network: Network
    let options: PlanOptions

    func plans(of wishes: [Topology.Tree]) throws(PlanError) -> [TreePlan] {
        var failure: PlanError?
        for isShared in [false, true] {
            var order = Array(wishes.indices)
            var tried: [[Int]] = []
            while !tried.contains(order) {
                tried.append(order)
                switch try attempt(wishes, in: order, isShared: isShared) {
                case .success(let plans): return plans
                case .failure(let error):
                    // The first refusal is the one in file order: what a reader of the file expects.
                    failure = failure ?? error.reason
                    order.removeAll { $0 == error.wish }
                    order.insert(error.wish, at: 0)
                }
            }
        }
        throw failure ?? PlanError(code: .infeasible, message: "no trees were found")
    }

    private struct Failure: Error {
        var wish: Int
        var reason: PlanError
    }

    /// - Throws: what no other order would change.
    private func attempt(
        _ wishes: [Topology.Tree],
        in order: [Int],
        isShared: Bool
    ) throws(PlanError) -> Result<[TreePlan], Failure> {
        var budgets = Budgets(network.topology)
        for wish in wishes { wish.root.map { budgets.addRoot($0) } }
        var plans = [TreePlan?](repeating: nil, count: wishes.count)
        var rateLeft = wishes.reduce(0) { $0 + ($1.rateBitsPerSecond ?? 0) }
        for index in order {
            let wish = wishes[index]
            let rate = wish.rateBitsPerSecond
            budgets.share = isShared && rateLeft > 0 ? (rate ?? 0) / rateLeft : 1
            do throws(PlanError) {
                let builder = SingleTree(network: network, options: options, budgets: budgets)
                let result = try builder.build(wish)
                budgets.spend(
                    result.tree,
                    of: result.problem,
                    islands: result.islands,
                    rate: rate
                )
                if let second = result.second {
                    budgets.spend(second.tree, of: second.problem, islands: [], rate: rate)
                }
                if wish.root == nil { budgets.addRoot(result.problem.root) }
                plans[index] = result.plan
            } catch {
                guard wishes.count > 1, rate != nil, error.code == .infeasible else { throw error }
                return .failure(Failure(wish: index, reason: error))
            }
            rateLeft -= rate ?? 0
        }
        return .success(plans.compactMap(\.self))
    }
}
