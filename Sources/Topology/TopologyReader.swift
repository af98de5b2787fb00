/// Reads topology files: the only way from bytes to a `Topology`.
///
///     bytes ─ size, encoding ─▶ text ─ format ─▶ graph ─ meaning of its keys ─▶ Topology
///                                      └─ our own ─ validate ─────────────────────▲
///
/// Pure: the caller reads the file. Work and memory are bounded by the bounds of `TopologyFormat`
/// and `Topology`, whatever the bytes are.
public enum TopologyReader {
    /// Reads a topology from the bytes of a file.
    ///
    /// - Parameters:
    ///   - bytes: The whole file: UTF-8, UTF-16 or Windows-1252.
    ///   - file: The file's name as the user wrote it: for errors, for the format where the content
    ///     leaves it open, and for the topology's name when the file has none.
    ///   - format: The format; `nil` = by the content, then by the name's extension.
    ///   - options: What of another tool's file is told and not found by name.
    /// - Returns: A topology that `validate` accepts, with at least one tree.
    /// - Throws: `TopologyError` with everything found wrong, the first mistake of the file first.
    public static func read(
        _ bytes: [UInt8],
        file: String,
        format: TopologyFormat? = nil,
        options: ImportOptions = ImportOptions()
    ) throws(TopologyError) -> Topology {
        if format == nil, let foreign = ForeignFormat.binary(bytes) {
            throw foreign.refusal(file: file)
        }
        try checkSize(bytes.count, max: TopologyFormat.byteCountMaxOfAll, file: file)
        let source = try SourceText(bytes, file: file)
        let format = if let format { format } else { try TopologyFormat.of(source) }
        try checkSize(source.bytes.count, max: format.byteCountMax, file: file)
        // Each reader hands out what `validate` accepts; importers make most of it true as they
        // build.
        var topology: Topology
        switch format {
        case .yaml:
            try checkNothingTold(options, file: file)
            topology = try YAMLReader.read(source)
        case .graphML: topology = try GraphMLReader.read(source, options: options)
        case .gml: topology = try GMLReader.read(source, options: options)
        case .sndlib: topology = try SNDlibReader.read(source, options: options)
        case .edgeList: topology = try EdgeListReader.read(source, options: options)
        case .json: topology = try JSONGraphReader.read(source, options: options)
        case .dot: topology = try DOTReader.read(source, options: options)
        case .gexf: topology = try GEXFReader.read(source, options: options)
        case .xgmml: topology = try XGMMLReader.read(source, options: options)
        case .gdf: topology = try GDFReader.read(source, options: options)
        case .tgf: topology = try TGFReader.read(source, options: options)
        case .sif: topology = try SIFReader.read(source, options: options)
        case .pajek: topology = try PajekReader.read(source, options: options)
        case .brite: topology = try BRITEReader.read(source, options: options)
        case .containerlab: topology = try ContainerlabReader.read(source, options: options)
        case .rocketfuel: topology = try RocketfuelReader.read(source, options: options)
        case .asRelationships:
            topology = try ASRelationshipReader.read(source, options: options)
        }
        topology.notes = source.notes + topology.notes
        return topology
    }

    /// Reads a topology from text; see `read(_:file:format:options:)` for bytes.
    public static func read(
        _ text: String,
        file: String,
        format: TopologyFormat? = nil,
        options: ImportOptions = ImportOptions()
    ) throws(TopologyError) -> Topology {
        try read(Array(text.utf8), file: file, format: format, options: options)
    }

    private static func checkSize(
        _ byteCount: Int,
        max: Int,
        file: String
    ) throws(TopologyError) {
        guard byteCount > max else { return }
        throw TopologyError(
            file: file,
            message: "the file has \(byteCount) bytes; at most \(max) are read of its format"
        )
    }

    /// Our own format says what everything is.
    private static func checkNothingTold(
        _ options: ImportOptions,
        file: String
    ) throws(TopologyError) {
        var told = options
        told.keepsAttributes = false
        guard told != ImportOptions() else { return }
        throw TopologyError(
            file: file,
            message: "this is Xylem's own format, whose keys are known; options such as "
                + "--delay-key are for files of other tools"
        )
    }
}
