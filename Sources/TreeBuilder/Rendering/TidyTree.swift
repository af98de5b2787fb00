/// Rows for a tree drawn from left to right, after Reingold and Tilford (IEEE TSE 7(2), 1981): subtrees are pushed
/// together until their outlines touch, and a parent stands in the middle of its children.
///
/// ```
/// ┌ root ┐─┬─ a ─┬─ c      rows: c 0, d 1, a 0.5, b 2, root 1.25
///          │     └─ d
///          └─ b
/// ```
struct TidyTree {
    /// By index; distance 1 between neighbours on one level.
    let row: [Double]
    let rowCount: Double

    /// The extent of a subtree on each level below its top, relative to the top.
    private struct Contour {
        var least: [Double]
        var most: [Double]
    }

    init(_ outline: TreeOutline) {
        var offset = [Double](repeating: 0, count: outline.tree.nodes.count)
        var contours = [Contour?](repeating: nil, count: outline.tree.nodes.count)
        for node in outline.order.reversed() {
            var merged = Contour(least: [], most: [])
            for child in outline.children[node] {
                guard let contour = contours[child] else { continue }
                contours[child] = nil
                offset[child] = Self.place(contour, below: &merged)
            }
            let children = outline.children[node]
            let middle =
                ((children.first.map { offset[$0] } ?? 0)
                    + (children.last.map { offset[$0] } ?? 0)) / 2
            for child in children { offset[child] -= middle }
            contours[node] = Contour(
                least: [0] + merged.least.map { $0 - middle },
                most: [0] + merged.most.map { $0 - middle }
            )
        }
        var row = [Double](repeating: 0, count: offset.count)
        for node in outline.order {
            row[node] = (outline.parent[node].map { row[$0] } ?? 0) + offset[node]
        }
        let least = row.min() ?? 0
        self.row = row.map { $0 - least }
        rowCount = (row.max() ?? 0) - least + 1
    }

    /// Puts a subtree as close below those already placed as its outline allows.
    ///
    /// - Returns: the row of its top.
    private static func place(_ contour: Contour, below merged: inout Contour) -> Double {
        var shift = 0.0
        for level in 0..<min(contour.least.count, merged.most.count) {
            shift = max(shift, merged.most[level] + 1 - contour.least[level])
        }
        for level in contour.least.indices {
            if level < merged.most.count {
                merged.most[level] = contour.most[level] + shift
            } else {
                merged.least.append(contour.least[level] + shift)
                merged.most.append(contour.most[level] + shift)
            }
        }
        return shift
    }
}
