import Routing
import RouterNode
import Testing
import Topology
import TreeBuilder

/// The supervisor's part in who is root.
@Suite struct FleetArbiterTests {
    private func arbiter(_ text: String) throws -> FleetArbiter? {
        let topology = try TopologyReader.read(text, file: "test.yaml")
        return FleetArbiter(try Planner.plan(topology), epoch: 500)
    }

    private func quickstart() throws -> FleetArbiter {
        var arbiter = try #require(
            try arbiter(
                """
                nodes: [trunk, left, right, leaf]
                links: [[trunk, left, 1ms], [trunk, right, 1ms], [left, leaf, 1ms]]
                trees: {main: {root: trunk}}
                """
            )
        )
        for node in ["trunk", "left", "right", "leaf"] { arbiter.handleStarted(node) }
        return arbiter
    }

    private func questions(_ actions: [FleetArbiter.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .say(let node, let news): "\(node) \(news.say) \(news.number ?? 0)"
            case .kill(let node): "kill \(node)"
            }
        }
    }

    private func rest(_ arbiter: inout FleetArbiter) -> [String] {
        var actions: [FleetArbiter.Action] = []
        while let action = arbiter.nextAction() { actions.append(action) }
        return questions(actions)
    }

    @Test
    func `a root is asked again and again, and ended when it leaves three questions unanswered`()
        throws
    {
        var arbiter = try quickstart()
        #expect(questions(arbiter.handleTick()).isEmpty, "who is only starting is not asked")
        arbiter.handleReady("trunk")
        #expect(questions(arbiter.handleTick()) == ["trunk alive 2"])
        arbiter.handle(ArbiterLine.Request(alive: 2), of: "trunk")
        for number in 3...5 {
            #expect(questions(arbiter.handleTick()) == ["trunk alive \(number)"])
            #expect(rest(&arbiter).isEmpty)
        }
        #expect(questions(arbiter.handleTick()).isEmpty)
        #expect(rest(&arbiter) == ["kill trunk"])
    }

    @Test func `a late answer to an old question is a sign of life`() throws {
        var arbiter = try quickstart()
        arbiter.handleReady("trunk")
        for number in 1...20 {
            _ = arbiter.handleTick()
            // Two behind.
            if number > 2 { arbiter.handle(ArbiterLine.Request(alive: number - 2), of: "trunk") }
            #expect(rest(&arbiter).isEmpty, "at \(number)")
        }
    }

    @Test func `reigns are those of now`() throws {
        var arbiter = try quickstart()
        #expect(
            arbiter.reigns == [ArbiterLine.Reign(tree: "main", LinkRoot(node: "trunk", epoch: 500))]
        )
        let standby = try #require(
            ["left", "right"].first { node in
                arbiter.handle(
                    ArbiterLine.Request(.takeIn(node, epoch: 500), of: "main"),
                    of: "trunk"
                )
                return rest(&arbiter) == ["trunk taken-in 0"]
            }
        )
        arbiter.handleEnded("trunk")
        #expect(arbiter.reigns.first?.epoch == 501)
        #expect(arbiter.reigns.first?.root == standby)
    }

    @Test func `a tree that blocks has plain links, and nobody decides on its root`() throws {
        #expect(
            try arbiter(
                """
                nodes: [a, b]
                links: [[a, b, 1ms]]
                trees: {main: {root: a, overflow: block}}
                """
            ) == nil
        )
    }
}
