import Testing

@testable import TreeBuilder

@Suite struct GraphTests {
    private func randomGraph(seed: UInt64) -> Graph {
        var random = SeededGenerator(seed: seed)
        var edges = ContiguousArray<Graph.Edge>()
        for _ in 0..<60 {
            edges.append(
                .init(
                    a: UInt32(random.next(below: 25)),
                    b: UInt32(random.next(below: 25)),
                    delay: Picoseconds(random.next(below: 20))
                )
            )
        }
        return Graph(nodeCount: 25, edges: edges)
    }

    @Test func loopsGoAndParallelLinksKeepTheFastest() {
        let graph = Graph(
            nodeCount: 3,
            edges: [
                .init(a: 0, b: 0, delay: 1), .init(a: 0, b: 1, delay: 7),
                .init(a: 1, b: 0, delay: 4), .init(a: 2, b: 1, delay: 9),
            ]
        )
        #expect(graph.linkDelay(0, 0) == nil)
        #expect(graph.linkDelay(0, 1) == 4)
        #expect(graph.linkDelay(1, 2) == 9)
        #expect(graph.linkDelay(0, 2) == nil)
        #expect(graph.arcs(of: 1).map { graph.target[$0] } == [0, 2])
    }

    @Test func shortestPathsAgreeWithRelaxationToAFixedPoint() {
        for seed in UInt64(1)...10 {
            let graph = randomGraph(seed: seed)
            let paths = ShortestPaths(from: 0, in: graph, hop: 2)
            var delay = ContiguousArray<Picoseconds>(repeating: .max, count: 25)
            delay[0] = 0
            for _ in 0..<25 {
                for node in 0..<25 where delay[node] < .max {
                    for arc in graph.arcs(of: node) {
                        let other = Int(graph.target[arc])
                        delay[other] = min(delay[other], delay[node] + graph.delay[arc] + 2)
                    }
                }
            }
            #expect(paths.delay == delay, "seed \(seed)")
            for node in paths.order.dropFirst().map({ Int($0) }) {
                let before = Int(paths.predecessor[node])
                let link = graph.linkDelay(before, node)
                #expect(link.map { delay[before] + $0 + 2 } == delay[node], "seed \(seed)")
            }
        }
    }

    @Test func removalOfACutNodeLeavesWhatWasCounted() {
        for seed in UInt64(1)...10 {
            let graph = randomGraph(seed: seed)
            guard let part = graph.parts().first(where: { $0.contains(0) }) else { continue }
            let behind = graph.partsBehind(root: 0)
            for removed in part {
                var seen: Set<Int> = [removed]
                var partCount = 0
                for start in part where !seen.contains(start) {
                    partCount += 1
                    var pending = [start]
                    seen.insert(start)
                    while let node = pending.popLast() {
                        for arc in graph.arcs(of: node) {
                            let other = Int(graph.target[arc])
                            if seen.insert(other).inserted { pending.append(other) }
                        }
                    }
                }
                let cutOff = removed == 0 ? partCount : partCount - 1
                #expect(Int(behind[removed]) == max(0, cutOff), "seed \(seed) node \(removed)")
            }
        }
    }

    @Test func theHeapSorts() {
        var random = SeededGenerator(seed: 1)
        var heap = DelayHeap()
        var keys: [Picoseconds] = []
        for node in 0..<500 {
            let key = Picoseconds(random.next(below: 100))
            keys.append(key)
            heap.insert(.init(key: key, node: UInt32(node), via: 0))
        }
        var sorted: [Picoseconds] = []
        while let entry = heap.removeLeast() { sorted.append(entry.key) }
        #expect(sorted == keys.sorted())
    }
}
