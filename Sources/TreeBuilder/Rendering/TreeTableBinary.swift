import Topology

/// A tree in columns as binary, all numbers in little-endian order; `docs/tree-table.md` is the contract.
///
/// ```
/// 0    "XYLTREE1"
/// 8    u32 nodes n · u32 fan-out · u64 links · u64 seed · i64 epoch · u32 mode · u32 objective
/// 48   f64 hop · f64 radius · f64 mean · f64 lower bound · f64 gap                      ms, the last a share
/// 88   u32 length p of the plan's name · u32 length t of the tree's · u64 length m of all nodes' names
/// 104  u8[p] · u8[t] · zeros up to a multiple of 8
///      u64[n] delays in ps · u32[n] parents · u32[n] ranks · u32[3n] backups · u32[n] ends of names · u8[m] names
/// ```
public enum TreeTableBinary {
    /// Why bytes are no tree, and where.
    public struct Refusal: Error, Equatable, Sendable, CustomStringConvertible {
        public var offset: Int
        public var reason: String

        public init(offset: Int, reason: String) {
            self.offset = offset
            self.reason = reason
        }

        public var description: String { "byte \(offset): \(reason)" }
    }

    static let magic = Array("XYLTREE1".utf8)
    static let headByteCount = 104
    static let modes: [Topology.Mode] = [.link, .mesh]
    static let objectives: [Topology.Objective] = [.radius, .mean, .cost]

    /// Calls `write` with one piece after the other.
    ///
    /// - Throws: what `write` throws.
    public static func write<Failure: Error>(
        _ table: TreeTable,
        _ write: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        try put(head(of: table), write)
        try put(table.delay, write)
        try put(table.parent, write)
        try put(table.rank, write)
        try put(table.backups, write)
        try put(table.nodes.ends, write)
        try put(table.nodes.bytes, write)
    }

    private static func head(of table: TreeTable) -> [UInt8] {
        let summary = table.summary
        let (plan, tree) = (Array(summary.plan.utf8), Array(summary.tree.utf8))
        var head = magic
        head += bytes(UInt32(table.nodeCount))
        head += bytes(UInt32(exactly: summary.fanOut ?? -1) ?? TreeTable.none)
        head += bytes(UInt64(summary.linkCount)) + bytes(summary.seed)
        head += bytes(Int64(summary.epoch))
        head += bytes(UInt32(modes.firstIndex(of: summary.mode) ?? 0))
        head += bytes(UInt32(objectives.firstIndex(of: summary.objective) ?? 0))
        for figure in [
            summary.hopDelayMs, summary.radiusMs, summary.meanMs, summary.lowerBoundMs, summary.gap,
        ] {
            head += bytes(figure.bitPattern)
        }
        head += bytes(UInt32(plan.count)) + bytes(UInt32(tree.count))
        head += bytes(UInt64(table.nodes.byteCount))
        head += plan + tree
        while head.count % 8 > 0 { head.append(0) }
        return head
    }

    /// Every length, number, name and rank is checked, so that what is read has one root, no cycles, and backups of lower rank.
    ///
    /// - Throws: `Refusal` when the bytes are no tree.
    public static func read(_ file: [UInt8]) throws(Refusal) -> TreeTable {
        var reader = Reader(file: file)
        guard try reader.bytes(magic.count).elementsEqual(magic) else {
            throw Refusal(offset: 0, reason: "this is no tree of 'xylem plan --format binary'")
        }
        var (summary, nameByteCount) = try readHead(&reader)
        let count = summary.nodeCount
        let start = reader.offset
        let delay = try reader.numbers(UInt64.self, count: count)
        let parent = try reader.numbers(UInt32.self, count: count)
        let rank = try reader.numbers(UInt32.self, count: count)
        let backups = try reader.numbers(UInt32.self, count: count * TreeTable.backupCountMax)
        let ends = try reader.numbers(UInt32.self, count: count)
        let namesStart = reader.offset
        guard nameByteCount == UInt64(file.count - namesStart) else {
            throw Refusal(offset: 96, reason: "the names end elsewhere than the file")
        }
        let names = try reader.bytes(Int(nameByteCount))
        guard let nodes = NameTable(bytes: names, ends: ends) else {
            throw Refusal(offset: namesStart, reason: "the names are not UTF-8, or not different")
        }
        summary.root = nodes[rank.firstIndex(of: 0) ?? 0]
        let table = TreeTable(
            summary: summary,
            nodes: nodes,
            parent: parent,
            rank: rank,
            delay: delay,
            backups: backups
        )
        if let reason = disorder(of: table) { throw Refusal(offset: start, reason: reason) }
        return table
    }

    /// The summary, but for the root, and how many bytes the names have.
    private static func readHead(
        _ reader: inout Reader
    ) throws(Refusal) -> (TreeTable.Summary, nameByteCount: UInt64) {
        let nodeCount = Int(try reader.number(UInt32.self))
        let fanOut = try reader.number(UInt32.self)
        let linkCount = try reader.number(UInt64.self)
        let seed = try reader.number(UInt64.self)
        let epoch = try reader.number(Int64.self)
        let mode = try reader.number(UInt32.self)
        let objective = try reader.number(UInt32.self)
        let figures = try reader.numbers(UInt64.self, count: 5).map { Double(bitPattern: $0) }
        let planByteCount = Int(try reader.number(UInt32.self))
        let treeByteCount = Int(try reader.number(UInt32.self))
        let nameByteCount = try reader.number(UInt64.self)
        guard nodeCount > 0, linkCount <= UInt64(UInt32.max), mode < modes.count,
            objective < objectives.count, figures.allSatisfy({ $0.isFinite && $0 >= 0 })
        else { throw Refusal(offset: 8, reason: "a count or a figure is out of range") }
        let plan = String(validating: try reader.bytes(planByteCount), as: UTF8.self)
        let tree = String(validating: try reader.bytes(treeByteCount), as: UTF8.self)
        guard let plan, let tree else {
            throw Refusal(offset: headByteCount, reason: "a name is not UTF-8")
        }
        _ = try reader.bytes((8 - reader.offset % 8) % 8)
        let summary = TreeTable.Summary(
            plan: plan,
            epoch: Int(epoch),
            tree: tree,
            root: "",
            mode: modes[Int(mode)],
            objective: objectives[Int(objective)],
            fanOut: fanOut == TreeTable.none ? nil : Int(fanOut),
            hopDelayMs: figures[0],
            radiusMs: figures[1],
            meanMs: figures[2],
            lowerBoundMs: figures[3],
            gap: figures[4],
            seed: seed,
            nodeCount: nodeCount,
            linkCount: Int(linkCount)
        )
        return (summary, nameByteCount)
    }

    /// What is wrong with delays, parents, ranks and backups; `nil` when nothing is.
    private static func disorder(of table: TreeTable) -> String? {
        let count = table.nodeCount
        var isTaken = ContiguousArray<Bool>(repeating: false, count: count)
        for rank in table.rank {
            guard rank < count, !isTaken[Int(rank)] else {
                return "the ranks are not 0 to \(count - 1)"
            }
            isTaken[Int(rank)] = true
        }
        for node in 0..<count {
            guard table.delay[node] < UInt64(Picoseconds.bound) else {
                return "the delay of node \(node) is out of range"
            }
            let above = table.parent[node]
            if above == TreeTable.none {
                guard table.rank[node] == 0 else {
                    return "node \(node) has no parent and is no root"
                }
            } else if above >= count || table.rank[Int(above)] >= table.rank[node] {
                return "the parent of node \(node) is not of lower rank"
            }
        }
        for (position, other) in table.backups.enumerated() where other != TreeTable.none {
            let node = position / TreeTable.backupCountMax
            guard other < count, table.rank[Int(other)] < table.rank[node] else {
                return "a backup of node \(node) is not of lower rank"
            }
        }
        return nil
    }

    // MARK: Bytes

    private static func bytes(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }

    /// Machines that Swift on Linux runs on have little-endian numbers, so the columns are written as they lie in memory.
    private static func put<Failure: Error>(
        _ numbers: some Collection,
        _ write: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let numbers = ContiguousArray(numbers)
        var failure: Failure?
        numbers.withUnsafeBytes { bytes in
            do throws(Failure) { try write(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    private struct Reader {
        let file: [UInt8]
        private(set) var offset = 0

        init(file: [UInt8]) {
            self.file = file
        }

        mutating func bytes(_ count: Int) throws(Refusal) -> ArraySlice<UInt8> {
            guard count <= file.count - offset else {
                throw Refusal(offset: file.count, reason: "the file is cut off")
            }
            offset += count
            return file[(offset - count)..<offset]
        }

        mutating func number<Number: FixedWidthInteger>(_: Number.Type) throws(Refusal) -> Number {
            try numbers(Number.self, count: 1)[0]
        }

        mutating func numbers<Number: FixedWidthInteger>(
            _: Number.Type,
            count: Int
        ) throws(Refusal) -> ContiguousArray<Number> {
            let size = MemoryLayout<Number>.size
            return try bytes(count * size).withUnsafeBytes { raw in
                ContiguousArray(
                    (0..<count).map { index in
                        let offset = index * size
                        return Number(
                            littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: Number.self)
                        )
                    }
                )
            }
        }
    }
}
