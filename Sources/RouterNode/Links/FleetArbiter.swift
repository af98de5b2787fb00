import Routing
public import TreeBuilder

/// Decides which nodes are the roots of a fleet's trees, and watches that those live: a node that hangs without having ended is ended before
/// another is named.
public struct FleetArbiter: Sendable {
    public enum Action: Sendable {
        case say(node: String, ArbiterLine.News)
        case kill(node: String)
    }

    private var trees: [(name: String, arbiter: TreeArbiter)]
    /// Of each root that is asked whether it lives: the number of the first question that it has not answered, and of the last.
    private var unanswered: [String: (first: Int, last: Int)] = [:]
    private var questionCount = 0
    /// Nodes that can answer: who is only starting does not hang.
    private var ready: Set<String> = []

    /// `nil` when no tree of the plan can have numbered links.
    public init?(_ plan: Plan, epoch: UInt64) {
        trees = plan.trees.filter { $0.mayBeLinked(in: plan) }.map {
            ($0.name, TreeArbiter(root: $0.root, standbys: $0.standbys, epoch: epoch))
        }
        if trees.isEmpty { return nil }
    }

    /// Under which roots a node is to start.
    public var reigns: [ArbiterLine.Reign] {
        trees.map { ArbiterLine.Reign(tree: $0.name, $0.arbiter.reign) }
    }

    public mutating func handleStarted(_ node: String) {
        unanswered[node] = nil
        for index in trees.indices { trees[index].arbiter.handleStarted(node) }
    }

    /// A node says that it can be used.
    public mutating func handleReady(_ node: String) {
        ready.insert(node)
    }

    public mutating func handleEnded(_ node: String) {
        unanswered[node] = nil
        ready.remove(node)
        for index in trees.indices { trees[index].arbiter.handleEnded(node) }
    }

    public mutating func handle(_ line: ArbiterLine.Request, of node: String) {
        if let (tree, request) = line.request {
            guard let index = trees.firstIndex(where: { $0.name == tree }) else { return }
            trees[index].arbiter.handle(request, from: node)
        } else if let number = line.number, let asked = unanswered[node], number >= asked.first {
            unanswered[node] = number >= asked.last ? nil : (number + 1, asked.last)
        }
    }

    /// Asks each root whether it lives; those that have left so many questions unanswered hang.
    public mutating func handleTick() -> [Action] {
        questionCount += 1
        var actions: [Action] = []
        for root in Set(trees.compactMap(\.arbiter.root)).intersection(ready).sorted() {
            if let asked = unanswered[root], questionCount - asked.first >= Self.unansweredCountMax
            {
                for index in trees.indices { trees[index].arbiter.handleHangs(root) }
                continue
            }
            unanswered[root] = (unanswered[root]?.first ?? questionCount, questionCount)
            actions.append(.say(node: root, ArbiterLine.News(alive: questionCount)))
        }
        return actions
    }

    /// What is to be done next; `nil` when nothing is.
    public mutating func nextAction() -> Action? {
        for index in trees.indices {
            switch trees[index].arbiter.nextDirective() {
            case .tell(let node, let news)?:
                return .say(node: node, ArbiterLine.News(news, of: trees[index].name))
            case .kill(let node)?: return .kill(node: node)
            case nil: continue
            }
        }
        return nil
    }

    /// Between two questions to a root.
    public static let interval = Duration.milliseconds(200)
    private static let unansweredCountMax = 3
}
