import Rendering
import Topology

/// What trees of a kind have beside the others.
extension TreeOutline {
    /// The second of two trees, as if it were alone.
    var second: TreeOutline? {
        guard let redundancy = tree.redundancy else { return nil }
        var other = tree
        other.radiusMs = redundancy.radiusMs
        let labels = tree.nodes.map(\.label)
        other.nodes = zip(redundancy.nodes, labels).map { place, label in
            TreePlan.TreeNode(
                id: place.id,
                label: label,
                parent: place.parent,
                backups: [],
                rank: 0,
                level: place.level,
                delayMs: place.delayMs,
                children: place.children
            )
        }
        return TreeOutline(other)
    }

    /// What the second tree is worth, and whom it cannot save.
    var redundancyLines: [String] {
        guard let redundancy = tree.redundancy else { return [] }
        var lines = [
            "radius \(NumberText.milliseconds(redundancy.radiusMs)), mean \(NumberText.milliseconds(redundancy.meanMs)), "
                + "gap \(NumberText.percent(redundancy.gap)); relays follow the first tree, this one is for who takes two feeds"
        ]
        if !redundancy.cutNodes.isEmpty {
            let names = redundancy.cutNodes.map(shortName).joined(separator: ", ")
            lines.append("\(names): without it others lose both feeds, as no links lead around it")
        }
        return lines
    }

    /// How many copies go between regions, and where they enter.
    var regionLines: [String] {
        guard let regions = tree.regions else { return [] }
        let figure = tree.objective == .mean ? "mean" : "radius"
        let value = tree.objective == .mean ? tree.meanMs : tree.radiusMs
        let share = regions.freeMs > 0 ? value / regions.freeMs : 1
        let heads = regions.heads.map { head in
            "\(head.region): " + head.nodes.map(shortName).joined(separator: ", ")
        }
        return [
            "\(Figures.count(regions.copies, "copy", plural: "copies")) between regions, no tree has fewer than "
                + "\(regions.leastCopies), without regard to regions \(regions.freeCopies)",
            "\(figure) \(NumberText.fixed(share, decimals: 3)) × the \(NumberText.milliseconds(regions.freeMs)) without regard to regions, "
                + "at most \(NumberText.fixed(regions.stretch, decimals: 3)) ×",
            "heads " + heads.joined(separator: "; "),
        ]
    }
}
