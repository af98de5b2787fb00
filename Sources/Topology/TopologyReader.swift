/// Reads topology files: the only way from bytes to a `Topology`.
///
///     bytes ─ size, encoding ─▶ text ─ format ─▶ Topology ─ validate ─▶ Topology
///
/// Pure: the caller reads the file. Work and memory are bounded by the bounds of `TopologyFormat`
/// and `Topology`, whatever the bytes are.
public enum TopologyReader {
    /// Reads a topology from the bytes of a file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file: UTF-8, with or without a byte order mark.
    ///   - file: The file's name as the user wrote it: for errors, the format (by its extension)
    ///     and for the topology's name when the file has none.
    ///   - format: The format; `nil` = by the name's extension, then by the content.
    /// - Returns: A topology that `validate` accepts, with at least one tree.
    /// - Throws: `TopologyError` with everything found wrong, the first mistake of the file first.
    public static func read(
        _ bytes: [UInt8],
        file: String,
        format: TopologyFormat? = nil
    ) throws(TopologyError) -> Topology {
        if format == nil, let kind = TopologyFormat.unreadable(named: file) {
            throw TopologyError(
                file: file,
                message: "\(kind) is not read; convert the file to YAML, GraphML or an edge list"
            )
        }
        let format = format ?? .named(by: file) ?? .guessed(from: bytes[...])
        guard bytes.count <= format.byteCountMax else {
            throw TopologyError(
                file: file,
                message: """
                    the file has \(bytes.count) bytes; at most \(format.byteCountMax) are read as \
                    \(format.rawValue)
                    """
            )
        }
        let source = try SourceText(bytes, file: file)
        // Each reader hands out what `validate` accepts; importers make most of it true as they
        // build.
        return switch format {
        case .yaml: try YAMLReader.read(source)
        case .graphML: try GraphMLReader.read(source)
        case .edgeList: try EdgeListReader.read(source)
        }
    }

    /// Reads a topology from text; see `read(_:file:format:)` for bytes.
    public static func read(
        _ text: String,
        file: String,
        format: TopologyFormat? = nil
    ) throws(TopologyError) -> Topology {
        try read(Array(text.utf8), file: file, format: format)
    }
}
