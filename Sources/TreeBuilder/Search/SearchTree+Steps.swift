/// Changes that are judged before they are made: what mesh mode uses, where nine of ten are refused.
///
/// ```
/// propose()                  an empty proposal
/// add(v, to: p, edge: …)     a step: v, and what is below it but for the tops of other steps, moves as one piece
/// assess(limit: …)           adds up what would change; nothing has changed yet
/// commit(…)                  or just the next propose()
/// ```
///
/// A piece is shifted by one number, so one walk adds up its sums. The new parent of a step may lie in the piece of an
/// earlier step, never in its own or that of a later one.
final class Proposal {
    struct Step {
        var node: Int32
        var parent: Int32
        var edge: Picoseconds
        var shift: Picoseconds
        /// How many of the visited nodes belong to this step and those before it.
        var visitedEnd: Int
    }

    /// What a proposal changes in the sums.
    struct Change {
        /// Σ weight · delay.
        var weighted = 0.0
        /// Σ of what delays exceed the deadline by.
        var lateness: Picoseconds = 0
        /// The largest delay of those that change.
        var highest: Picoseconds = 0
        var changesWorst = false
    }

    fileprivate let steps: UnsafeMutablePointer<Step>
    fileprivate let visited: UnsafeMutablePointer<Int32>
    fileprivate let stepOf: UnsafeMutablePointer<Int32>
    fileprivate let markOf: UnsafeMutablePointer<UInt32>
    fileprivate let state: UnsafeMutablePointer<State>

    /// Behind a pointer: accesses to a class's own variables are checked, one by one.
    fileprivate struct State {
        var stepCount = 0
        var mark: UInt32 = 1
        var worst = 0
        var deadline = Picoseconds.max
        var lateness: Picoseconds = 0
    }

    init(nodeCount: Int) {
        let empty = Step(node: 0, parent: 0, edge: 0, shift: 0, visitedEnd: 0)
        steps = .allocate(capacity: nodeCount + 2)
        steps.initialize(repeating: empty, count: nodeCount + 2)
        visited = .allocate(capacity: nodeCount)
        visited.initialize(repeating: 0, count: nodeCount)
        stepOf = .allocate(capacity: nodeCount)
        stepOf.initialize(repeating: 0, count: nodeCount)
        markOf = .allocate(capacity: nodeCount)
        markOf.initialize(repeating: 0, count: nodeCount)
        state = .allocate(capacity: 1)
        state.initialize(to: State())
    }

    deinit {
        steps.deallocate()
        visited.deallocate()
        stepOf.deallocate()
        markOf.deallocate()
        state.deallocate()
    }
}

extension SearchTree {
    func propose() {
        proposal.state.pointee.stepCount = 0
        proposal.state.pointee.mark &+= 1
    }

    func add(_ node: Int, to newParent: Int, edge: Picoseconds) {
        let index = proposal.state.pointee.stepCount
        proposal.steps[index] = Proposal.Step(
            node: Int32(node),
            parent: Int32(newParent),
            edge: edge,
            shift: 0,
            visitedEnd: 0
        )
        proposal.stepOf[node] = Int32(index)
        proposal.markOf[node] = proposal.state.pointee.mark
        proposal.state.pointee.stepCount = index + 1
    }

    /// Whether a step moves this node.
    func isTop(_ node: Int) -> Bool { proposal.markOf[node] == proposal.state.pointee.mark }

    /// Calls `body` with the node, the parent it leaves and the one it goes to.
    func forEachStep(_ body: (_ node: Int, _ old: Int, _ new: Int) -> Void) {
        for index in 0..<proposal.state.pointee.stepCount {
            let step = proposal.steps[index]
            body(Int(step.node), Int(parent[Int(step.node)]), Int(step.parent))
        }
    }

    /// - Returns: `nil` as soon as a delay exceeds `limit` or the node's own.
    func assess(limit: Picoseconds) -> Proposal.Change? {
        let mark = proposal.state.pointee.mark
        let deadline = proposal.state.pointee.deadline
        let worst = proposal.state.pointee.worst
        var change = Proposal.Change()
        var visitedCount = 0
        for index in 0..<proposal.state.pointee.stepCount {
            let top = Int(proposal.steps[index].node)
            let above = Int(proposal.steps[index].parent)
            let shift = newDelay(of: above, mark) + proposal.steps[index].edge - delay[top]
            proposal.steps[index].shift = shift
            proposal.steps[index].visitedEnd = visitedCount
            guard shift != 0 else { continue }
            var weight = 0.0
            var node = top
            while node >= 0 {
                let old = delay[node]
                let fresh = old + shift
                if fresh > limit || fresh > delayLimit[node] { return nil }
                proposal.visited[visitedCount] = Int32(node)
                visitedCount += 1
                weight += self.weight[node]
                change.lateness += max(0, fresh - deadline) - max(0, old - deadline)
                if fresh > change.highest { change.highest = fresh }
                if node == worst { change.changesWorst = true }
                node = next(after: node, below: top, mark)
            }
            change.weighted += weight * Double(shift)
            proposal.steps[index].visitedEnd = visitedCount
        }
        return change
    }

    /// The next node of a piece, depth first; −1 after the last.
    @inline(__always)
    private func next(after node: Int, below top: Int, _ mark: UInt32) -> Int {
        var node = node
        var next = Int(firstChild[node])
        while true {
            while next >= 0, proposal.markOf[next] == mark { next = Int(nextSibling[next]) }
            if next >= 0 || node == top { return next }
            next = Int(nextSibling[node])
            node = Int(parent[node])
        }
    }

    /// The delay a node has once the steps so far are made.
    private func newDelay(of node: Int, _ mark: UInt32) -> Picoseconds {
        var current = node
        while current >= 0 {
            if proposal.markOf[current] == mark {
                return delay[node] + proposal.steps[Int(proposal.stepOf[current])].shift
            }
            current = Int(parent[current])
        }
        return delay[node]
    }

    /// The largest delay of the nodes that an assessed proposal leaves where they are.
    func highestOfOthers() -> Picoseconds {
        let stepCount = proposal.state.pointee.stepCount
        let end = stepCount == 0 ? 0 : proposal.steps[stepCount - 1].visitedEnd
        // Turned negative and back: marks of their own would cost as much again.
        for position in 0..<end {
            delay[Int(proposal.visited[position])] = ~delay[Int(proposal.visited[position])]
        }
        var highest: Picoseconds = 0
        for node in 0..<nodeCount where delay[node] > highest { highest = delay[node] }
        for position in 0..<end {
            delay[Int(proposal.visited[position])] = ~delay[Int(proposal.visited[position])]
        }
        return highest
    }

    /// Makes the change that was assessed last.
    func commit(_ change: Proposal.Change) {
        var position = 0
        for index in 0..<proposal.state.pointee.stepCount {
            let step = proposal.steps[index]
            while position < step.visitedEnd {
                delay[Int(proposal.visited[position])] += step.shift
                position += 1
            }
        }
        for index in 0..<proposal.state.pointee.stepCount {
            let step = proposal.steps[index]
            unlink(Int(step.node))
            edge[Int(step.node)] = step.edge
            link(Int(step.node), to: Int(step.parent))
        }
        weightedSum += change.weighted
        proposal.state.pointee.lateness += change.lateness
        if change.changesWorst || change.highest > delay[worst] { findWorst() }
    }

    /// The farthest node; the first in the file among equals.
    func findWorst() {
        var found = root
        for node in 0..<nodeCount where delay[node] > delay[found] { found = node }
        worst = found
        proposal.state.pointee.worst = found
    }

    /// Σ of what delays exceed the deadline by.
    var lateness: Picoseconds { proposal.state.pointee.lateness }

    /// Sets the delay beyond which nodes count as late.
    func setDeadline(_ deadline: Picoseconds) {
        proposal.state.pointee.deadline = deadline
        var lateness: Picoseconds = 0
        for node in 0..<nodeCount { lateness += max(0, delay[node] - deadline) }
        proposal.state.pointee.lateness = lateness
    }
}
