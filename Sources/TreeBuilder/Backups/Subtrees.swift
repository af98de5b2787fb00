/// Who is below whom, answered in one comparison; and the children of every node, in one array.
///
/// ```
/// enter   depth-first number of a node     x is below p, or p itself, when enter[p] ≤ enter[x] < exit[p]
/// ```
struct Subtrees {
    let enter: ContiguousArray<Int32>
    let exit: ContiguousArray<Int32>
    private let firstChild: ContiguousArray<Int32>
    private let allChildren: ContiguousArray<Int32>

    /// Nodes that are not below the root are below nobody.
    init(_ tree: Arborescence, root: Int) {
        let count = tree.parent.count
        var firstChild = ContiguousArray<Int32>(repeating: 0, count: count + 1)
        for above in tree.parent where above >= 0 { firstChild[Int(above) + 1] += 1 }
        for node in 0..<count { firstChild[node + 1] += firstChild[node] }
        var next = firstChild
        var allChildren = ContiguousArray<Int32>(repeating: 0, count: Int(firstChild[count]))
        for node in 0..<count where tree.parent[node] >= 0 {
            let parent = Int(tree.parent[node])
            allChildren[Int(next[parent])] = Int32(node)
            next[parent] += 1
        }
        var order: ContiguousArray<Int32> = [Int32(root)]
        order.reserveCapacity(count)
        var position = 0
        while position < order.count {
            let node = Int(order[position])
            order.append(contentsOf: allChildren[Int(firstChild[node])..<Int(firstChild[node + 1])])
            position += 1
        }
        var size = ContiguousArray<Int32>(repeating: 1, count: count)
        for node in order.reversed() where node != root {
            size[Int(tree.parent[Int(node)])] += size[Int(node)]
        }
        var enter = ContiguousArray<Int32>(repeating: -1, count: count)
        var exit = enter
        var free = ContiguousArray<Int32>(repeating: 0, count: count)
        // Breadth first visits parents first, so each child can take the next free interval of its parent.
        for entry in order {
            let node = Int(entry)
            if node != root {
                let parent = Int(tree.parent[node])
                enter[node] = free[parent]
                free[parent] += size[node]
            } else {
                enter[node] = 0
            }
            exit[node] = enter[node] + size[node]
            free[node] = enter[node] + 1
        }
        self.firstChild = firstChild
        self.allChildren = allChildren
        self.enter = enter
        self.exit = exit
    }

    /// In node order.
    func children(of node: Int) -> ContiguousArray<Int32>.SubSequence {
        allChildren[Int(firstChild[node])..<Int(firstChild[node + 1])]
    }

    func childCount(of node: Int) -> Int32 { firstChild[node + 1] - firstChild[node] }

    /// Whether the tree reaches the node.
    func contains(_ node: Int) -> Bool { enter[node] >= 0 }

    /// Whether `node` is `top` or below it.
    @inline(__always)
    func isBelow(_ node: Int, _ top: Int) -> Bool {
        enter[top] <= enter[node] && enter[node] < exit[top]
    }
}
