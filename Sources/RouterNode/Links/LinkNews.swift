import Logging
import Routing

/// What an operator is told of one tree's link, and what is counted of it.
struct LinkNews {
    let tree: String
    let logger: Logger
    private(set) var counters = LinkCounters()
    /// Why there is no parent, as far as is known; `nil` while there is one.
    var problem: String?

    init(tree: String, logger: Logger) {
        self.tree = tree
        self.logger = logger
    }

    mutating func countRefused(_ messageCount: Int) {
        counters.refusedMessageCount += messageCount
    }

    /// A peer has said what no peer may; its connection ends.
    mutating func tellFault(_ who: String, _ what: String) {
        counters.faultCount += 1
        logger.warning("tree '\(tree)': \(who) broke the link's rules: \(what)")
    }

    mutating func handle(_ report: LinkReport) {
        switch report {
        case .gap(let numbers):
            counters.gapMessageCount += UInt64(numbers.count)
            warn("messages \(Self.text(numbers)) cannot be had any more")
        case .childGap(let node, let numbers):
            counters.childGapMessageCount += UInt64(numbers.count)
            warn(
                "child \(node) was slower than the ring is long: messages \(Self.text(numbers)) are lost to it"
            )
        case .setBack(let number):
            counters.setBackCount += 1
            tell("what was behind message \(number) comes again in another order")
        case .void(let numbers):
            counters.voidMessageCount += UInt64(numbers.count)
            warn("messages \(Self.text(numbers)) died with the relay that had them")
        case .attached(let node):
            problem = nil
            logger.info("tree '\(tree)': attached to \(node)")
        case .lostParent(let node):
            counters.failoverCount += 1
            problem = "'\(node)' was lost"
            tell("lost the parent \(node)")
        case .becameRoot(let epoch):
            problem = nil
            tell("this node is the root now, in epoch \(epoch)")
        case .gaveUp(let nodes):
            warn("not heard of in time, and not waited for: \(nodes.joined(separator: ", "))")
        case .refused(let node, let refusal):
            problem = "'\(node)' refuses: \(refusal.reason)"
            logger.info("tree '\(tree)': \(problem ?? "")")
        case .fault(let fault): tellFault("a peer", fault.description)
        case .originRefused(let origin):
            warn("messages of \(origin.node) are refused: there are too many origins")
        }
    }

    func tell(_ text: String) {
        logger.notice("tree '\(tree)': \(text)")
    }

    private func warn(_ text: String) {
        logger.warning("tree '\(tree)': \(text)")
    }

    private static func text(_ numbers: LinkNumbers) -> String {
        "\(numbers.lowerBound) to \(numbers.upperBound)"
    }
}

/// What a tree's link has counted.
struct LinkCounters: Equatable, Sendable {
    /// Numbers that could not be had any more, here and at children.
    var gapMessageCount: UInt64 = 0
    var childGapMessageCount: UInt64 = 0
    var setBackCount = 0
    var voidMessageCount: UInt64 = 0
    /// How often a parent was lost.
    var failoverCount = 0
    /// Messages that publishers sent while what is not acknowledged was at its bound.
    var refusedMessageCount = 0
    var faultCount = 0
}
