import Testing
import Topology

@testable import TreeBuilder

/// A plan meets a changed topology, or measured delays.
@Suite struct ReplanTests {
    private static let options = PlanOptions(effort: 0.02)

    @Test func `nothing moves when nothing has changed`() throws {
        for mode in Topology.Mode.allCases {
            let topology = SampleTopologies.random(nodeCount: 30, chordCount: 40, seed: 9)
            var options = Self.options
            options.mode = .init(mode)
            options.fanOut = 5
            let plan = try Planner.plan(topology, options: options)
            let change = try plan.replan(for: topology, options: options)
            #expect(change.trees[0].moves.isEmpty)
            #expect(change.plan == plan, "\(mode)")
        }
    }

    @Test func `a new node comes in and a removed one goes, and only its children move`() throws {
        let topology = EventTests.plane(nodeCount: 30, seed: 4)
        var old = topology
        old.nodes.removeLast()
        old.links.removeAll { $0.b == 29 }
        let plan = try Planner.plan(old, options: Self.options)
        let gone = try #require(
            plan.trees[0].nodes.first { $0.level == 1 && $0.children.count > 1 }
        )
        var new = topology
        let index = try #require(new.nodes.firstIndex { $0.id == gone.id })
        new.nodes.remove(at: index)
        new.links = new.links.filter { $0.a != index && $0.b != index }.map { link in
            .init(
                a: link.a - (link.a > index ? 1 : 0),
                b: link.b - (link.b > index ? 1 : 0),
                delayMilliseconds: link.delayMilliseconds
            )
        }
        let change = try plan.replan(for: new, options: Self.options)
        let moves = change.trees[0].moves
        #expect(Set(moves.filter { $0.kind == .moves }.map(\.node)) == Set(gone.children))
        #expect(moves.filter { $0.kind == .joins }.map(\.node) == ["n29"])
        #expect(change.plan.nodes.map(\.id) == new.nodes.map(\.id))
        #expect(change.plan.epoch == plan.epoch + 1)
        MoveReplay(
            plan.trees[0],
            change.plan.trees[0],
            change.trees[0],
            dead: [gone.id],
            limit: { _ in 4 }
        ).check("replan")
    }

    @Test func `who has too many children under a new limit gives up as many as it must`() throws {
        let topology = EventTests.plane(nodeCount: 30, seed: 6)
        let plan = try Planner.plan(topology, options: Self.options)
        let full = try #require(
            plan.trees[0].nodes.first { $0.level == 1 && $0.children.count == 4 }
        )
        var narrow = topology
        for index in narrow.nodes.indices where narrow.nodes[index].id == full.id {
            narrow.nodes[index].maxChildren = 2
        }
        let change = try plan.replan(for: narrow, options: Self.options)
        #expect(change.moveCount == 2)
        #expect(change.trees[0].moves.allSatisfy { $0.from == full.id })
    }

    @Test func `a parent that the operator fixes is the parent`() throws {
        var topology = EventTests.plane(nodeCount: 20, seed: 7)
        let plan = try Planner.plan(topology, options: Self.options)
        // The top of a branch is to hang at a leaf of its own: what lies between must let go.
        let top = try #require(plan.trees[0].nodes.first { $0.level == 1 && !$0.children.isEmpty })
        let leaf = try #require(
            plan.trees[0].nodes.first { top.children.contains($0.id) }
        )
        func index(_ id: String) -> Int { topology.nodes.firstIndex { $0.id == id } ?? 0 }
        topology.trees[0].root = index(plan.trees[0].root)
        topology.trees[0].fixedParents = [.init(child: index(top.id), parent: index(leaf.id))]
        let change = try plan.replan(for: topology, options: Self.options)
        #expect(change.plan.trees[0].nodes.first { $0.id == top.id }?.parent == leaf.id)
        #expect(change.moveCount == 2)
    }

    @Test func `a link that is gone costs the moves of those it fed`() throws {
        for seed in UInt64(1)...8 {
            let topology = SampleTopologies.random(nodeCount: 25, chordCount: 60, seed: seed)
            var options = Self.options
            options.mode = .link
            options.fanOut = 8
            let plan = try Planner.plan(topology, options: options)
            let child = try #require(plan.trees[0].nodes.first { $0.level == 2 })
            var cut = topology
            cut.links.removeAll { link in
                let ends = [topology.nodes[link.a].id, topology.nodes[link.b].id]
                return ends.contains(child.id) && ends.contains(child.parent ?? "")
            }
            guard let change = try? plan.replan(for: cut, options: options) else { continue }
            #expect(change.moveCount >= 1)
            #expect(change.trees[0].moves.contains { $0.node == child.id })
            MoveReplay(
                plan.trees[0],
                change.plan.trees[0],
                change.trees[0],
                limit: { _ in 8 }
            ).check("seed \(seed)", keepsOrder: false)
        }
    }

    // MARK: Measured delays

    @Test func `noise moves nobody`() throws {
        let topology = EventTests.plane(nodeCount: 25, seed: 8)
        let plan = try Planner.plan(topology, options: Self.options)
        var random = SeededGenerator(seed: 1)
        var measured = Measurements()
        for _ in 0..<5 {
            for link in topology.links {
                let noise = 0.85 + Double(random.next(below: 300)) / 1000
                measured.add(
                    topology.nodes[link.a].id,
                    topology.nodes[link.b].id,
                    milliseconds: link.delayMilliseconds * noise
                )
            }
        }
        let change = try plan.replan(for: topology, options: Self.options, measured: measured)
        #expect(change.trees[0].moves.isEmpty)
    }

    @Test func `one late sample is an accident, and three are a change`() {
        var measured = Measurements()
        measured.add("a", "b", milliseconds: 10)
        measured.add("b", "a", milliseconds: 90)
        #expect(measured.pairs.count == 1)
        #expect(measured.pairs[0].smoothedMilliseconds == 20)
        #expect(measured.pairs[0].change(from: 10) == nil)
        for _ in 0..<3 { measured.add("a", "b", milliseconds: 90) }
        #expect(measured.pairs[0].change(from: 10) ?? 0 > 40)
        #expect(measured.pairs[0].change(from: 80) == nil)
    }

    @Test func `the edge that became slow is left, and little else`() throws {
        let topology = EventTests.plane(nodeCount: 25, seed: 8)
        let plan = try Planner.plan(topology, options: Self.options)
        let top = try #require(plan.trees[0].nodes.first { $0.level == 1 && !$0.children.isEmpty })
        var measured = Measurements()
        // In mesh mode ways lead around a slow link, so everything at the node is slow but its way to one other.
        let nearest = try #require(
            topology.links.filter { link in
                [topology.nodes[link.a].id, topology.nodes[link.b].id].contains(top.id)
            }.min { $0.delayMilliseconds < $1.delayMilliseconds }
        )
        for link in topology.links where link != nearest {
            let ends = [topology.nodes[link.a].id, topology.nodes[link.b].id]
            guard ends.contains(top.id) else { continue }
            for _ in 0..<3 { measured.add(ends[0], ends[1], milliseconds: 80) }
        }
        let change = try plan.replan(for: topology, options: Self.options, measured: measured)
        let tree = change.trees[0]
        #expect(!tree.moves.isEmpty && tree.moves.count <= 6)
        #expect(tree.radiusMs.after < 0.95 * tree.radiusMs.before)
        #expect(tree.radiusMs.after < tree.radiusMs.before - 1)
        let few = try plan.replan(
            for: topology,
            options: Self.options,
            measured: measured,
            improvingBy: 1
        )
        #expect(few.moveCount <= 1)
    }

    @Test func `measurements are read, and what is wrong in them is told by line`() throws {
        let text = "a b 12.5ms # first\n\n c,d e, 850us\nb\ta 3\n"
        let measured = try Measurements([UInt8](text.utf8), file: "m.txt")
        #expect(measured.pairs.map(\.a) == ["a", "c"] && measured.pairs[1].b == "d e")
        #expect(measured.pairs[0].smoothedMilliseconds == 12.5 - 9.5 / 8)
        for (text, reason) in [
            (
                "a b\n",
                "m.txt:1:1: 2 values in place of three: two nodes and a delay, such as 'oslo bergen 4.5ms'"
            ),
            (
                "\na a 3ms\n",
                "m.txt:2:1: the delay from \"a\" to itself says nothing; remove the line"
            ),
            ("a b fast\n", "m.txt:1:1: \"fast\" is not a delay; write such as 5ms or 200us"),
            ("a b -1\n", "m.txt:1:1: the delay \"-1\" is negative; a delay is 0 or more"),
        ] {
            do throws(TopologyError) {
                _ = try Measurements([UInt8](text.utf8), file: "m.txt")
                Issue.record("\(text) was read")
            } catch {
                #expect(error.description == reason)
            }
        }
        let topology = SampleTopologies.quickstart
        #expect(throws: PlanError.self) {
            try Planner.plan(topology, measured: measured)
        }
    }

    // MARK: Differences

    @Test func `a difference names who moves, comes and goes`() throws {
        let topology = SampleTopologies.quickstart
        let plan = try Planner.plan(topology, options: PlanOptions(mode: .mesh))
        #expect(PlanDifference(from: plan, to: plan).trees[0].moves.isEmpty)
        #expect(PlanDifference(from: plan, to: plan).isSame)
        let change = try plan.repair(without: ["paris"], of: topology)
        let difference = PlanDifference(from: plan, to: change.plan)
        #expect(!difference.isSame)
        #expect(difference.trees[0].moves.last { $0.kind == .leaves }?.node == "paris")
        #expect(difference.trees[0].radiusMs == change.trees[0].radiusMs)
        let moved = Set(difference.trees[0].moves.filter { $0.kind == .moves }.map(\.node))
        #expect(moved == Set(change.trees[0].moves.filter { $0.kind == .moves }.map(\.node)))
        let svg = PlanSVG.render(change.plan, layout: .tree, changes: difference.trees)
        #expect(svg.contains("#ef6c00") && !PlanSVG.render(change.plan).contains("#ef6c00"))
        let back = PlanDifference(from: change.plan, to: plan)
        #expect(back.trees[0].moves.contains { $0.kind == .joins && $0.node == "paris" })
    }

    // MARK: What deaths would do

    @Test func `every death is foretold as it comes`() throws {
        let topology = SampleTopologies.random(nodeCount: 20, chordCount: 30, seed: 2)
        let plan = try Planner.plan(
            topology,
            options: PlanOptions(mode: .mesh, fanOut: 3, effort: 0.02)
        )
        let reports = try Upkeep(plan, of: topology).deaths()
        #expect(reports.map(\.node) == topology.nodes.map(\.id))
        for report in reports {
            let change = try plan.repair(without: [report.node], of: topology)
            #expect(
                report.radiusMs.after == change.trees[0].radiusMs.after || report.orphanCount == 0
            )
            #expect(report.moveCount == change.moveCount, "\(report.node)")
            #expect(report.cutOff.isEmpty && report.failure == nil)
            let most = change.plan.trees[0].nodes.map(\.children.count).max()
            #expect(report.busiestRelayChildren == most, "\(report.node)")
        }
    }

    @Test func `cut nodes of a tree of links are named`() throws {
        let topology = SampleTopologies.quickstart
        let plan = try Planner.plan(topology, options: PlanOptions(root: "paris"))
        let reports = try Upkeep(plan, of: topology).deaths()
        #expect(reports.first { $0.node == "rome" }?.cutOff == ["athens"])
        let text = PlanChangeText.render(reports, of: plan)
        #expect(text.contains("Others are cut off by the death of ") && text.contains("Rome"))
    }
}
