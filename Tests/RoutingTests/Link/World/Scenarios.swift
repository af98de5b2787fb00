import Routing

/// The small trees of the model, and what happens to them: R root; S, T standbys; A, B, C, L, M relays; topics x and y.
enum Scenarios {
    private static let flatParents: [Int?] = [nil, 0, 0, 0]
    private static let treeParents: [Int?] = [nil, 0, 0, 0, 2]
    private static let backups: [[Int]] = [[], [0], [1, 0], [1, 0], [3, 1, 0]]

    private static func flat(
        _ name: String,
        _ count: Int,
        wants: [String],
        bursts: [Int: [String]],
        _ change: (inout Scenario) -> Void
    ) -> Scenario {
        Scenario(
            name,
            String("RSAB".prefix(count)),
            parents: Array(flatParents.prefix(count)),
            backups: Array(backups.prefix(count)),
            wants: wants,
            bursts: bursts
        ).with(change)
    }

    private static func tree(
        _ name: String,
        wants: [String],
        bursts: [Int: [String]],
        _ change: (inout Scenario) -> Void
    ) -> Scenario {
        Scenario(
            name,
            "RSABL",
            parents: treeParents,
            backups: backups,
            wants: wants,
            bursts: bursts
        )
        .with(change)
    }

    /// R over S, A; A over L.
    private static func low(
        _ name: String,
        wants: [String],
        bursts: [Int: [String]],
        parents: [Int?] = [nil, 0, 0, 2],
        _ change: (inout Scenario) -> Void
    ) -> Scenario {
        Scenario(
            name,
            "RSAL",
            parents: parents,
            backups: [[], [0], [1, 0], [1, 0]],
            wants: wants,
            bursts: bursts
        ).with(change)
    }

    /// R over two standbys and one relay.
    private static func pair(
        _ name: String,
        _ names: String = "RSTA",
        parents: [Int?] = [nil, 0, 0, 0],
        backups: [[Int]] = [[], [0], [0], [1, 2, 0]],
        wants: [String] = ["", "", "", "x"],
        bursts: [Int: [String]],
        _ change: (inout Scenario) -> Void
    ) -> Scenario {
        Scenario(name, names, parents: parents, backups: backups, wants: wants, bursts: bursts)
            .with {
                $0.standbys = [1, 2]
                change(&$0)
            }
    }

    static let tiny = flat("tiny", 3, wants: ["", "x", "x"], bursts: [2: ["x", "x"]]) {
        $0.accidents = [.kill([0, 1, 2])]
    }
    static let mid = tree(
        "mid",
        wants: ["", "", "", "y", "x"],
        bursts: [4: ["xy", "x"], 3: ["x"]]
    ) {
        $0.accidents = [.kill([1, 2, 3])]
    }
    /// L goes to B, which has all that L wants, and may be behind it.
    static let behind = tree(
        "behind",
        wants: ["", "", "", "x", "x"],
        bursts: [4: ["x", "x"], 3: ["x"]]
    ) { $0.accidents = [.kill([2])] }
    static let root = flat(
        "root",
        4,
        wants: ["", "", "x", "xy"],
        bursts: [2: ["y", "xy"], 3: ["x"]]
    ) { $0.accidents = [.kill([0])] }
    static let rootpub = flat(
        "rootpub",
        4,
        wants: ["", "", "x", "y"],
        bursts: [0: ["xy", "y"], 2: ["xy"]]
    ) { $0.accidents = [.kill([0])] }
    static let deep = tree(
        "deep",
        wants: ["", "", "", "y", "x"],
        bursts: [4: ["xy", "x"], 3: ["x"]]
    ) {
        $0.accidents = [.kill([0])]
    }
    static let two = pair("two", bursts: [3: ["y", "x"]]) { $0.accidents = [.kill([0, 1])] }
    static let moves = [0, 2, 3].map { who in
        tree("move", wants: ["", "", "", "y", "x"], bursts: [4: ["xy", "x"]]) {
            $0.accidents = [.kill([who]), .move(4, to: 3)]
        }
    }
    static let chain = Scenario(
        "chain",
        "RSABLM",
        parents: treeParents + [4],
        backups: backups + [[4, 3]],
        wants: ["", "", "", "", "", "x"],
        bursts: [5: ["x", "x"]]
    ).with { $0.accidents = [.kill([2])] }
    static let siblings = Scenario(
        "siblings",
        "RSABLM",
        parents: treeParents + [2],
        backups: [[], [0], [1], [1], [3], [4]],
        wants: ["", "", "", "xy", "x", "y"],
        bursts: [0: ["y", "x"], 5: ["x"]]
    ).with { $0.accidents = [.kill([2])] }
    static let both = pair("both", bursts: [3: ["x"]]) {
        $0.accidents = [.kill([0]), .kill([1])]
        $0.isStrict = false
        $0.mayEnd = true
    }
    static let glitch2 = pair(
        "glitch2",
        "RSTL",
        backups: [[], [0], [0], [1, 2]],
        bursts: [0: ["x"], 3: ["x"]]
    ) { $0.accidents = [.kill([0]), .breakLink(child: 3)] }
    static let toroot = low("toroot", wants: ["", "", "", "x"], bursts: [2: ["x", "x"]]) {
        $0.accidents = [.kill([0]), .move(3, to: 0)]
    }
    static let fromroot = low(
        "fromroot",
        wants: ["", "", "", "x"],
        bursts: [2: ["x", "x"]],
        parents: flatParents
    ) {
        $0.accidents = [.kill([0, 2]), .move(3, to: 2)]
        $0.mayGiveUp = false
    }
    static let leave = low(
        "leave",
        wants: ["", "x", "", "x"],
        bursts: [0: ["x"], 2: ["y"]],
        parents: flatParents
    ) { $0.accidents = [.kill([0]), .move(3, to: 2)] }
    static let tostandby = low(
        "tostandby",
        wants: ["", "", "x", "x"],
        bursts: [2: ["x"], 3: ["x"]],
        parents: flatParents
    ) { $0.accidents = [.kill([0]), .move(3, to: 1)] }
    static let latemove = tree(
        "latemove",
        wants: ["", "", "", "", ""],
        bursts: [3: ["x", "x", "x"]]
    ) {
        $0.accidents = [.kill([2]), .late(4, Array("x".utf8)), .move(4, to: 3)]
    }
    static let glitch = low(
        "glitch",
        wants: ["", "", "", "x"],
        bursts: [2: ["x", "x"]],
        parents: flatParents
    ) { $0.accidents = [.kill([0]), .breakLink(child: 3)] }
    /// L is started again, and back before R has noticed.
    static let again = low(
        "again",
        wants: ["", "", "", "x"],
        bursts: [2: ["x", "x"]],
        parents: flatParents
    ) { $0.accidents = [.kill([0]), .restart([3])] }
    static let lease = flat("lease", 4, wants: ["x", "", "x", "y"], bursts: [2: ["x"], 3: ["xy"]]) {
        $0.accidents = [.fence]
    }
    static let partition = flat(
        "partition",
        4,
        wants: ["x", "", "x", "x"],
        bursts: [2: ["x", "x"], 3: ["x", "x"]]
    ) {
        $0.accidents = [.cut([0, 3])]
        $0.isStrict = false
        // Shorter than the partition: the old root is given up.
        $0.options.collectionTimeMax = .milliseconds(100)
    }
    static let split = tree(
        "split",
        wants: ["x", "", "x", "", "x"],
        bursts: [4: ["x", "x"], 3: ["x"]]
    ) {
        $0.accidents = [.cut([2, 4])]
    }
    static let late = low("late", wants: ["", "", "", "x"], bursts: [1: ["x", "x", "x"]]) {
        $0.accidents = [.kill([2]), .late(3, Array("x".utf8)), .cancel(3)]
    }
    /// L comes back to R after its link broke, and R may not have noticed that yet.
    static let back = low(
        "back",
        wants: ["", "", "", "x"],
        bursts: [0: ["x"], 2: ["x", "x"]],
        parents: flatParents
    ) { $0.accidents = [.inTurn([.breakLink(child: 3), .move(3, to: 0), .kill([0])])] }
    static let demand = tree("demand", wants: ["", "", "", "", "x"], bursts: [3: ["x", "x", "x"]]) {
        $0.accidents = [.kill([2])]
        $0.checksDemand = true
    }
    static let demandroot = flat(
        "demandroot",
        4,
        wants: ["", "", "x", ""],
        bursts: [3: ["x", "x"]]
    ) {
        $0.accidents = [.kill([0])]
        $0.checksDemand = true
    }
    static let handover = flat(
        "handover",
        4,
        wants: ["x", "", "x", "y"],
        bursts: [2: ["xy"], 3: ["x"]]
    ) { $0.accidents = [.handOver, .kill([0, 1])] }
    static let heir = low(
        "heir",
        wants: ["", "", "x", "x"],
        bursts: [2: ["x"], 3: ["x"]],
        parents: [nil, 0, 0, 1]
    ) { $0.accidents = [.handOver, .kill([1])] }
    static let heir1 = Scenario(
        "heir1",
        "RSL",
        parents: [nil, 0, 1],
        backups: [[], [0], [0]],
        wants: ["", "", "x"],
        bursts: [0: ["x"], 2: ["x"]]
    ).with { $0.accidents = [.handOver, .kill([1])] }
    /// L's backup is a relay that may be behind it.
    static let heir2 = Scenario(
        "heir2",
        "RSAL",
        parents: [nil, 0, 0, 1],
        backups: [[], [0], [1, 0], [2, 0]],
        wants: ["", "", "x", "x"],
        bursts: [0: ["x"], 2: ["x"], 3: ["x", "x"]]
    ).with { $0.accidents = [.handOver, .kill([1])] }
    /// L comes back to the heir before that is root.
    static let heir3 = heir1.with {
        $0.name = "heir3"
        $0.accidents = [.inTurn([.handOver, .breakLink(child: 2), .kill([1])])]
    }
    static let cancelsync = Scenario(
        "cancelsync",
        "RSABCL",
        parents: [nil, 0, 0, 2, 0, 4],
        backups: [[], [0], [1, 0], [2, 0], [1, 0], [3, 2, 0]],
        wants: ["", "", "x", "", "", "xy"],
        bursts: [4: ["x"]]
    ).with { $0.accidents = [.move(5, to: 3), .cancel(2)] }
    static let standbylink = low("standbylink", wants: ["", "", "", "x"], bursts: [2: ["x", "x"]]) {
        $0.accidents = [.kill([0]), .move(3, to: 0), .breakLink(child: 1)]
        $0.mayEnd = true
        $0.options.standbyAbsenceMax = .milliseconds(20)
    }
    static let outs = low("outs", wants: ["", "", "", "x"], bursts: [2: ["x", "x"]]) {
        $0.accidents = [.kill([0]), .move(3, to: 0), .takeOut(1)]
        $0.mayEnd = true
    }
    static let handlink = flat("handlink", 3, wants: ["x", "", "x"], bursts: [2: ["x"]]) {
        $0.accidents = [.handOver, .breakLink(child: 1)]
    }
    static let hand = flat("hand", 3, wants: ["", "", "x"], bursts: [2: ["x"]]) {
        $0.accidents = [.handOver, .kill([0, 1])]
    }
    static let hand2 = pair("hand2", bursts: [3: ["x"]]) {
        $0.accidents = [.handOver, .kill([0, 1, 2])]
    }
    static let standbydemand = flat(
        "standbydemand",
        4,
        wants: ["", "x", "y", ""],
        bursts: [3: ["x"]]
    ) {
        $0.accidents = [.cancel(2)]
        $0.checksDemand = true
    }
    static let fromstandby = low(
        "fromstandby",
        wants: ["", "", "", "x"],
        bursts: [2: ["x", "x"]],
        parents: [nil, 0, 0, 1]
    ) { $0.accidents = [.kill([0]), .move(3, to: 0)] }
    static let reign = pair(
        "reign",
        "RSTL",
        parents: [nil, 0, 0, 1],
        backups: [[], [0], [0], [2, 0]],
        bursts: [3: ["x"]]
    ) {
        $0.accidents = [.fence, .kill([1])]
    }

    /// Trees of the model, with one accident or two.
    static let all =
        [
            tiny, mid, behind, root, rootpub, deep, two, chain, siblings, both, glitch2, toroot,
            fromroot,
            leave, tostandby, latemove, glitch, again, back, lease, partition, split, late, demand,
            demandroot,
            handover, heir, heir1, heir2, heir3, cancelsync, standbylink, outs, handlink, hand,
            hand2,
            standbydemand, fromstandby, reign,
        ] + moves + lazy + erring + busy

    static let lazy = [
        tiny, root, toroot, leave, latemove, late, glitch, outs, standbylink, hand, handlink, hand2,
        heir, both.erring,
    ].map(\.lazily)

    static let busy = [
        root, behind, two, toroot, again.lazily, back.lazily, glitch.lazily, tostandby, fromroot,
        partition,
        latemove, heir2, heir3, late.lazily, outs.lazily, standbylink, reign, fromstandby,
        hand.lazily,
    ].map(\.busily)

    static let erring = [root, rootpub, two, toroot, fromroot, leave, both].map(\.erring)
}
