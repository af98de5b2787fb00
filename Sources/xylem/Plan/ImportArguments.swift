import ArgumentParser
import Topology

/// What a topology file of another tool is told and not found by name; docs/topology-format.md has the names.
struct ImportArguments: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The key or column of links that is the delay, by name or number; 'none' reads no delay.",
            valueName: "key"
        )
    )
    var delayKey: String?
    @Option(
        help: ArgumentHelp(
            "The unit of delays without one: s, ms, us, ns, or of lengths of fibre: km, m, mi.",
            valueName: "unit"
        )
    )
    var delayUnit: DelayUnit?
    @Option(help: ArgumentHelp("The key of nodes that is the name.", valueName: "key"))
    var labelKey: String?
    @Option(
        help: ArgumentHelp(
            "The key of nodes that is the latitude in degrees; 'none' reads no coordinates.",
            valueName: "key"
        )
    )
    var latitudeKey: String?
    @Option(help: ArgumentHelp("The key of nodes that is the longitude.", valueName: "key"))
    var longitudeKey: String?

    var options: ImportOptions {
        ImportOptions(
            delayKey: delayKey,
            delayUnit: delayUnit,
            labelKey: labelKey,
            latitudeKey: latitudeKey,
            longitudeKey: longitudeKey
        )
    }
}
