import Foundation
import Testing
import Topology

@testable import TreeBuilder

/// Trees in columns: planned, written and read back.
@Suite struct TreeTableTests {
    private func edges(nodeCount: Int, seed: UInt64) throws -> EdgeTable {
        let topology = SampleTopologies.scaleFree(nodeCount: nodeCount, seed: seed)
        let text = topology.links.map {
            "\(topology.nodes[$0.a].id) \(topology.nodes[$0.b].id) \($0.delayMilliseconds)\n"
        }.joined()
        var reader = EdgeTableReader(file: "scale-free.txt")
        var bytes = Array(text.utf8)
        bytes.withUnsafeMutableBytes { reader.read(UnsafeRawBufferPointer($0)) }
        let table = reader.finish()
        return try #require(table)
    }

    private func binary(_ table: TreeTable) -> [UInt8] {
        var bytes: [UInt8] = []
        TreeTableBinary.write(table) { bytes += Array($0) }
        return bytes
    }

    @Test(arguments: [Topology.ModeChoice.link, .mesh], [Topology.Objective.radius, .mean])
    func `a large network in columns gets the tree that its topology gets`(
        mode: Topology.ModeChoice,
        objective: Topology.Objective
    ) throws {
        let edges = try edges(nodeCount: DelayMatrix.nodeCountMax + 500, seed: 31)
        let options = PlanOptions(
            mode: mode,
            fanOut: 8,
            objective: objective,
            hopDelayMilliseconds: 0.2
        )
        var steps: [String] = []
        let table = try LargePlanner.plan(edges, options: options) { steps.append($0) }
        #expect(steps.count > 3)
        let plan = try Planner.plan(edges.topology(), options: options)
        let other = TreeTable(plan.trees[0], of: plan, linkCount: edges.linkCount)
        #expect(table.summary == other.summary)
        #expect(table.parent == other.parent)
        #expect(table.delay == other.delay)
        // Ranks are made in one pass here; in a plan they keep a place for every orphan.
        #expect(Set(table.rank).count == table.nodeCount)
        for node in 0..<table.nodeCount {
            let parent = table.parent[node]
            #expect((parent == TreeTable.none) == (table.rank[node] == 0))
            #expect(parent == TreeTable.none || table.rank[Int(parent)] < table.rank[node])
            for backup in table.backups(of: node) {
                #expect(table.rank[backup] < table.rank[node])
                #expect(backup != Int(parent))
            }
        }
        #expect(table.childCounts().allSatisfy { $0 <= 8 })
        let text = TreeTableText.render(table)
        #expect(text.split(separator: "\n").count < 40)
        #expect(text.contains("mode \(mode.rawValue)"))
    }

    @Test func `a refusal in columns is that of the topology`() throws {
        let edges = try edges(nodeCount: DelayMatrix.nodeCountMax + 500, seed: 32)
        for options in [
            PlanOptions(root: "nowhere"), PlanOptions(mode: .link, fanOut: 1),
            PlanOptions(hopDelayMilliseconds: -1), PlanOptions(tree: "x"),
        ] {
            var refusal: PlanError?
            do throws(PlanError) {
                _ = try LargePlanner.plan(edges, options: options)
            } catch {
                refusal = error
            }
            var other: PlanError?
            do throws(PlanError) {
                _ = try Planner.plan(edges.topology(), options: options)
            } catch {
                other = error
            }
            #expect(refusal != nil)
            #expect(refusal == other)
        }
    }

    @Test func `lines hold the plan`() throws {
        var topology = SampleTopologies.quickstart
        topology.nodes[1].id = "lon\"don \\ ü"
        let plan = try Planner.plan(topology)
        let table = TreeTable(plan.trees[0], of: plan, linkCount: topology.links.count)
        var text = ""
        TreeTableLines.write(table) { text += $0 }
        let lines = text.split(separator: "\n")
        #expect(lines.count == 8)
        struct Line: Decodable, Equatable {
            var id: String
            var parent: String?
            var rank: Int
            var level: Int
            var delayMs: Double
            var backups: [String]
        }
        let summary = try JSONDecoder().decode(TreeTable.Summary.self, from: Data(lines[0].utf8))
        #expect(summary == table.summary)
        for (line, node) in zip(lines.dropFirst(), plan.trees[0].nodes) {
            let line = try JSONDecoder().decode(Line.self, from: Data(line.utf8))
            #expect(
                line
                    == Line(
                        id: node.id,
                        parent: node.parent,
                        rank: node.rank,
                        level: node.level,
                        delayMs: node.delayMs,
                        backups: node.backups
                    )
            )
        }
    }

    @Test func `binary reads back as it was`() throws {
        let plan = try Planner.plan(SampleTopologies.quickstart)
        let small = TreeTable(plan.trees[0], of: plan, linkCount: 8)
        #expect(try TreeTableBinary.read(binary(small)) == small)
        // The layout is a contract: the magic, the counts, and where the columns begin.
        let bytes = binary(small)
        #expect(Array(bytes[..<8]) == Array("XYLTREE1".utf8))
        #expect(Array(bytes[8..<16]) == [7, 0, 0, 0, 2, 0, 0, 0])
        // Two names, "quickstart" and "all", up to the next multiple of eight.
        let delays = 104 + 16
        #expect(bytes.count == delays + 7 * (8 + 4 + 4 + 12 + 4) + small.nodes.byteCount)
        let oslo = bytes[(delays + 7 * 8)..<(delays + 7 * 8 + 4)]
        let parent = small.parent[0]
        #expect(Array(oslo) == withUnsafeBytes(of: parent.littleEndian) { Array($0) })
        let large = try LargePlanner.plan(edges(nodeCount: 4200, seed: 33))
        #expect(try TreeTableBinary.read(binary(large)) == large)
    }

    @Test func `damaged bytes are refused with the place, or are a tree all the same`() throws {
        let plan = try Planner.plan(SampleTopologies.quickstart)
        let bytes = binary(TreeTable(plan.trees[0], of: plan, linkCount: 8))
        for end in 0..<bytes.count {
            #expect(throws: TreeTableBinary.Refusal.self) {
                try TreeTableBinary.read(Array(bytes[..<end]))
            }
        }
        var refusedCount = 0
        for position in bytes.indices {
            for value: UInt8 in [0, 1, 6, 0x80, 0xFF] where bytes[position] != value {
                var damaged = bytes
                damaged[position] = value
                do throws(TreeTableBinary.Refusal) {
                    let table = try TreeTableBinary.read(damaged)
                    // Ranks rise from the root, so this walk ends.
                    #expect(table.levels().count == 7)
                    #expect(Set(table.rank).count == 7)
                } catch {
                    refusedCount += 1
                }
            }
        }
        #expect(refusedCount > bytes.count)
        #expect(throws: TreeTableBinary.Refusal.self) { try TreeTableBinary.read(bytes + [0]) }
    }
}
