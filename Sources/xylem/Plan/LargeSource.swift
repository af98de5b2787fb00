import Glibc
import Topology
import TreeBuilder

/// Large files of links, read piece by piece and planned in columns, with progress for who looks on.
struct LargeSource {
    private let file: String
    private var progress = ProgressLine()

    /// From this size on a file is read so; what is smaller is read as a whole in no time.
    private static let byteCountMin = 1 << 20
    private static let pieceByteCount = 1 << 20

    /// - Returns: the planned tree; `nil` when the file is small, or not of the plain kind, or has fewer nodes than need this.
    static func plan(
        _ file: String,
        options: PlanOptions,
        importing: ImportOptions
    ) throws(CommandError) -> TreeTable? {
        guard options.objective != .cost else { return nil }
        var source = LargeSource(file: file)
        defer { source.progress.clear() }
        guard let edges = source.read(importing), edges.nodeCount > SummarisedPlan.nodeCountMax
        else {
            return nil
        }
        source.progress.clear()
        for note in edges.notes { Diagnostics.report("\(file): \(note)") }
        do {
            var line = ProgressLine()
            defer { line.clear() }
            let nodes = Figures.plural(edges.nodeCount, "node")
            return try LargePlanner.plan(edges, options: options) { step in
                line.show("\(file): \(nodes): \(step)")
            }
        } catch {
            throw .badInput("\(file): \(error.message)")
        }
    }

    /// - Returns: `nil` when the file is small, or not of the plain kind.
    static func edges(_ file: String, importing: ImportOptions) -> EdgeTable? {
        var source = LargeSource(file: file)
        defer { source.progress.clear() }
        return source.read(importing)
    }

    private init(file: String) {
        self.file = file
    }

    private mutating func read(_ importing: ImportOptions) -> EdgeTable? {
        guard file != "-" else { return nil }
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        // What cannot be opened is told of by who reads it next.
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_size >= Self.byteCountMin
        else { return nil }
        var reader = EdgeTableReader(file: file, options: importing)
        let piece = UnsafeMutableRawBufferPointer.allocate(
            byteCount: Self.pieceByteCount,
            alignment: 64
        )
        defer { piece.deallocate() }
        var readByteCount = 0
        while reader.isPlain {
            let count = Glibc.read(descriptor, piece.baseAddress, piece.count)
            guard count >= 0 else { return nil }
            if count == 0 { return reader.finish() }
            reader.read(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            readByteCount += count
            let share = Double(readByteCount) / Double(max(1, status.st_size)) * 100
            let (file, linkCount) = (file, reader.linkCount)
            progress.show(
                "\(file): \(Int(share)) % read, \(Figures.plural(linkCount, "link"))"
            )
        }
        return nil
    }
}
