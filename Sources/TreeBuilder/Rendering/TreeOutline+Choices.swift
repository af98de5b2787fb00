import Topology

/// What was chosen and weighed, as lines of a summary.
extension TreeOutline {
    /// `1,234 km`, `17 cost`.
    var costText: String? { tree.cost.map(text(ofCost:)) }

    var lowerBoundText: String {
        tree.lowerBoundCost.map(text(ofCost:)) ?? NumberText.milliseconds(tree.lowerBoundMs)
    }

    private func text(ofCost cost: Double) -> String {
        Self.text(ofCost: cost) + (tree.costUnit == "km" ? " km" : "")
    }

    /// Without its unit.
    static func text(ofCost cost: Double) -> String {
        NumberText.fixed(cost, decimals: cost == cost.rounded() ? 0 : cost < 100 ? 2 : 1)
    }

    /// `2` is a factor, `80ms` a delay.
    static func text(ofBound bound: String) -> String {
        bound.last?.isNumber == true ? "\(bound) × the least delay" : bound
    }

    /// What `auto` came to: `mode         link: the file has links …`.
    var choiceLines: [String] {
        var lines: [String] = []
        if let reason = tree.modeReason {
            lines.append("mode         \(tree.mode.rawValue): \(reason)")
        }
        if let reason = tree.fanOutReason {
            let limit = tree.fanOut.map { "at most \($0)" } ?? "no common limit"
            lines.append("limit        \(limit): \(reason)")
        }
        return lines
    }

    /// Who has no place, since nobody is behind it who needs one.
    var leftOutLines: [String] {
        guard !tree.leftOut.isEmpty else { return [] }
        let shown = tree.leftOut.prefix(Self.leftOutCountMax).joined(separator: ", ")
        let moreCount = tree.leftOut.count - Self.leftOutCountMax
        return [
            shown + (moreCount > 0 ? " and \(moreCount) more" : "")
                + "; pass-through, and not needed"
        ]
    }

    private static let leftOutCountMax = 12

    private static let unprotectedLineCountMax = 8

    /// Who becomes the root when it dies.
    var standbyLines: [String] {
        guard tree.nodes.count >= 3 else { return [] }
        let names = tree.standbys.map(shortName)
        return [names.isEmpty ? "none" : names.joined(separator: ", then ")]
    }

    /// Who has no place of its own when its parent dies, and why.
    var unprotectedLines: [String] {
        guard !tree.unprotected.isEmpty else { return tree.nodes.count < 3 ? [] : ["none"] }
        var lines = tree.unprotected.prefix(Self.unprotectedLineCountMax).map {
            "\(shortName($0.node)) below \(shortName($0.parent)): \(clause($0))"
        }
        let moreCount = tree.unprotected.count - lines.count
        if moreCount > 0 { lines.append("and \(moreCount) more, in --format json") }
        return lines
    }

    private func clause(_ orphan: TreePlan.Unprotected) -> String {
        let parent = shortName(orphan.parent)
        return switch orphan.reason {
        case .noStandby: "nobody follows its parent, the root"
        case .noOtherLink: "all its links lead to \(parent) and to nodes below itself"
        case .noEarlierNeighbour:
            "no link leads to a node of lower rank that \(parent) does not feed"
        case .noRoom: "no node of lower rank that it may connect to has room for one more child"
        }
    }

    /// What the other objectives would give: `mean: radius 9.100 ms, mean 3.900 ms, cost 1234 km`.
    var alternativeLines: [String] {
        tree.alternatives.map { other in
            "\(other.objective.rawValue) would give radius \(NumberText.milliseconds(other.radiusMs)), "
                + "mean \(NumberText.milliseconds(other.meanMs))"
                + (other.cost.map { ", cost \(text(ofCost: $0))" } ?? "")
        }
    }
}
