import Testing
import Topology

@testable import TreeBuilder

/// Trees keep within what links and uplinks carry, one alone and several together.
@Suite struct BandwidthTests {
    /// A random network whose links carry one to three copies of a tree of 1 Mbit/s, some of them none.
    private static func narrow(_ seed: UInt64, nodeCount: Int = 6) -> Topology {
        var topology = SampleTopologies.random(nodeCount: nodeCount, chordCount: 5, seed: seed)
        var random = SeededGenerator(seed: seed &* 77)
        var seen = Set<[Int]>()
        topology.links = topology.links.filter {
            $0.a != $0.b && seen.insert([min($0.a, $0.b), max($0.a, $0.b)]).inserted
        }
        for index in topology.links.indices where random.next(below: 3) > 0 {
            topology.links[index].bandwidthBitsPerSecond = Double(random.next(below: 4)) * 1e6 + 1
        }
        return topology
    }

    private static func tree(_ mode: Topology.Mode, objective: Topology.Objective) -> Topology.Tree
    {
        .init(
            name: "t",
            root: 0,
            fanOut: .unlimited,
            objective: objective,
            mode: .init(mode),
            rateBitsPerSecond: 1e6
        )
    }

    @Test(arguments: Topology.Mode.allCases, [Topology.Objective.radius, .mean])
    func `small networks get the best tree that their links carry, or none`(
        mode: Topology.Mode,
        objective: Topology.Objective
    ) throws {
        var solvedCount = 0
        for seed in UInt64(1)...20 {
            var topology = Self.narrow(seed)
            let wish = Self.tree(mode, objective: objective)
            topology.trees = [wish]
            let budgets = Budgets(topology)
            let network = try Network(topology)
            let optimum = (try? network.problem(for: wish, budgets: budgets)).flatMap {
                BruteForce.optimum($0)
            }
            do throws(PlanError) {
                let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.3)).trees[0]
                guard let optimum else {
                    Issue.record("seed \(seed): a tree where there is none")
                    continue
                }
                let value = objective == .radius ? plan.radiusMs : plan.meanMs
                #expect(abs(value - optimum / 1e9) < 1e-8, "seed \(seed)")
                solvedCount += 1
            } catch {
                #expect(error.code == .infeasible)
                #expect(optimum == nil, "seed \(seed) refused, but possible: \(error)")
                #expect(error.message.contains("bandwidth of"), "\(error)")
            }
        }
        #expect((3...19).contains(solvedCount))
    }

    @Test(arguments: Topology.Mode.allCases)
    func `trees together carry no more than the links do`(mode: Topology.Mode) throws {
        var plannedCount = 0
        for seed in UInt64(1)...15 {
            var topology = Self.narrow(seed, nodeCount: 12)
            for index in topology.links.indices {
                topology.links[index].bandwidthBitsPerSecond? += 2e6
            }
            for node in topology.nodes.indices where node.isMultiple(of: 3) {
                topology.nodes[node].uplinkBitsPerSecond = 9e6
            }
            topology.trees = ["a", "b"].map {
                var tree = Self.tree(mode, objective: .radius)
                tree.name = $0
                tree.topics = [$0]
                return tree
            }
            guard let plan = try? Planner.plan(topology, options: PlanOptions(effort: 0.05)) else {
                continue
            }
            plannedCount += 1
            check(plan, of: topology, seed: seed)
        }
        #expect(plannedCount > 3)
    }

    /// Adds up copies from the plan alone.
    private func check(_ plan: Plan, of topology: Topology, seed: UInt64) {
        var copies: [String: Int] = [:]
        var children = [Int](repeating: 0, count: topology.nodes.count)
        for tree in plan.trees {
            guard let outline = TreeOutline(tree),
                let load = LinkLoad(outline, topology: topology)
            else {
                Issue.record("no tree")
                return
            }
            for entry in load.entries {
                copies["\(entry.a) \(entry.b)", default: 0] += entry.copyCount
            }
            for node in tree.nodes.indices { children[node] += tree.nodes[node].children.count }
        }
        for link in topology.links {
            let count = copies["\(min(link.a, link.b)) \(max(link.a, link.b))"] ?? 0
            let bandwidth = link.bandwidthBitsPerSecond ?? .infinity
            #expect(Double(count) * 1e6 <= bandwidth, "seed \(seed) link \(link.a)–\(link.b)")
        }
        for (node, count) in zip(topology.nodes, children) {
            #expect(Double(count) * 1e6 <= node.uplinkBitsPerSecond ?? .infinity, "seed \(seed)")
        }
    }

    private func refusal(_ text: String) throws -> PlanError? {
        let topology = try TopologyReader.read(text, file: "net.yaml")
        do throws(PlanError) {
            _ = try Planner.plan(topology, options: PlanOptions(effort: 0.02))
            return nil
        } catch {
            return error
        }
    }

    @Test func `a link that is too narrow is named with its line`() throws {
        let refused = try refusal(
            """
            nodes: [a, b, c]
            links:
              - {between: [a, b], bandwidth: 10Mbps}
              - {between: [b, c], bandwidth: 2Mbps}
            trees: {t: {root: a, rate: 5Mbps}}
            """
        )
        #expect(
            refused?.description
                == "4:5: tree 't' carries 5 Mbps, and the link 'b' – 'c' has a bandwidth of 2 Mbps; "
                + "no other way leads to 'c'; raise the bandwidth, lower the rate, or add links"
        )
    }

    @Test func `what other trees leave of a link is said`() throws {
        let refused = try refusal(
            """
            nodes: [a, b]
            links:
              - {between: [a, b], bandwidth: 8Mbps}
            trees:
              one: {root: a, rate: 5Mbps, topics: x}
              two: {root: a, rate: 5Mbps, topics: y}
            """
        )
        #expect(refused?.position?.line == 3)
        #expect(refused?.message.contains("8 Mbps, of which other trees leave 3 Mbps") == true)
    }

    @Test func `a tree makes room for one that has no other way`() throws {
        // The first tree would take the fast ring side; the second can only use that one.
        let topology = try TopologyReader.read(
            """
            nodes: [a, b, c]
            links:
              - {between: [a, b], delay: 1ms, bandwidth: 6Mbps}
              - {between: [b, c], delay: 1ms, bandwidth: 6Mbps}
              - {between: [a, c], delay: 9ms, bandwidth: 2Mbps}
            trees:
              small: {root: a, rate: 2Mbps, topics: s}
              large: {root: a, rate: 5Mbps, topics: l}
            """,
            file: "net.yaml"
        )
        // Both cannot cross a–b (6 Mbit/s): whoever comes first, the other has no way to b but over c.
        do throws(PlanError) {
            let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.02))
            check(plan, of: topology, seed: 0)
        } catch {
            #expect(error.message.contains("bandwidth"))
        }
        var wider = topology
        wider.links[1].bandwidthBitsPerSecond = 7e6
        wider.links[2].bandwidthBitsPerSecond = 2e6
        let plan = try Planner.plan(wider, options: PlanOptions(effort: 0.02))
        #expect(plan.trees.map(\.name) == ["small", "large"])
        #expect(plan.trees[0].nodes.map(\.parent) == [nil, "c", "a"])
        #expect(plan.trees[1].nodes.map(\.parent) == [nil, "a", "b"])
    }

    @Test func `trees share an uplink by rate when the first would take it all`() throws {
        let topology = try TopologyReader.read(
            """
            nodes: {hub: {uplink: 4Mbps}, a: {}, b: {}, c: {}, d: {}}
            links: [hub/a, hub/b, hub/c, hub/d]
            defaults: {trees: {mode: mesh, rate: 1Mbps}}
            trees: {one: {root: hub, topics: x}, two: {root: hub, topics: y}}
            """,
            file: "net.yaml"
        )
        let plan = try Planner.plan(topology, options: PlanOptions(effort: 0.02))
        let counts = plan.trees.map { $0.nodes[0].children.count }
        #expect(counts == [2, 2])
        // One tree of the file alone is what it is among the others.
        let alone = try Planner.plan(topology, options: PlanOptions(tree: "two", effort: 0.02))
        #expect(alone.trees == [plan.trees[1]])
    }

    @Test func `an uplink below the rate is named`() throws {
        let hub = try refusal(
            """
            nodes: {hub: {uplink: 1Mbps}, a: {max-children: 0}, b: {max-children: 0}}
            links: [hub/a, hub/b]
            trees: {t: {root: hub, rate: 2Mbps}}
            """
        )
        #expect(
            hub?.message.contains(
                "its root 'hub' may have no children (its uplink, 1 Mbps, is below the rate of the tree, 2 Mbps)"
            ) == true,
            "\(String(describing: hub))"
        )
        #expect(hub?.message.contains("max-children") == false)
        #expect(hub?.position?.line == 1)
        let two = try refusal(
            """
            nodes: {hub: {uplink: 5Mbps}, a: {}, b: {}, c: {}}
            links: [hub/a, hub/b, hub/c]
            trees: {t: {root: hub, rate: 2Mbps, mode: link}}
            """
        )
        #expect(two?.message.contains("carries 2 copies of the tree, 2 Mbps each") == true)
        #expect(two?.message.contains("raise its uplink, or lower the rate") == true)
    }
}
