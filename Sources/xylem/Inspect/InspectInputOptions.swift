import ArgumentParser
import Captures
import Dissection

/// Where the packets come from.
struct InspectInputOptions: ParsableArguments {
    @Argument(help: ArgumentHelp("Captures, directories of captures, or -.", valueName: "path"))
    var paths: [String] = []
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Listen at this interface instead.", valueName: "name")
    )
    var interface: String?
    @Option(
        help: ArgumentHelp(
            "Let the kernel choose what is captured, in libpcap's language: 'udp port 5555 or igmp'.",
            valueName: "bpf"
        )
    )
    var captureFilter: String?
    @Flag(
        inversion: .prefixedNo,
        help: "Also capture what is not for this machine, such as groups that it did not join."
    )
    var promiscuous = true
    @Option(
        help: ArgumentHelp(
            """
            Which interfaces and files are one place: auto = interfaces that never show the same packet, and the files that one \
            capture was written in; one = all; each = none. FILE#1 names a single interface.
            """,
            valueName: "auto|one|each"
        )
    )
    var places = PlaceRule.auto
    @Option(
        help: ArgumentHelp(
            "This UDP port carries EPGM, whatever it looks like; may be repeated.",
            valueName: "port"
        )
    )
    var port: [UInt16] = []

    /// Apart from `validate`, which is called even when no packets are asked for.
    func validateSources(hasTaps: Bool) throws {
        if interface == nil, paths.isEmpty, !hasTaps {
            throw ValidationError("Name a capture, a directory of captures, or --interface.")
        }
        if interface != nil, !paths.isEmpty {
            throw ValidationError("--interface listens, paths are read: choose one.")
        }
        if captureFilter != nil, interface == nil {
            throw ValidationError(
                "--capture-filter is for --interface; captures are filtered by --where."
            )
        }
        if paths.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("Standard input can be read once only.")
        }
    }

    var dissectorOptions: DissectorOptions { DissectorOptions(pgmPorts: port) }

    /// Whether packets come as they happen.
    var isLive: Bool { interface != nil || paths == ["-"] }

    /// Opens everything, so that a mistake shows before work begins.
    func open() throws(CommandError) -> [InspectInput] {
        do throws(CaptureError) {
            if let interface {
                var options = LiveCapture.Options()
                options.filter = captureFilter
                options.isPromiscuous = promiscuous
                return [InspectInput(try LiveCapture(interface: interface, options: options))]
            }
            // Those of --at come later.
            guard !paths.isEmpty else { return [] }
            let named = paths.map { NamedPath($0) }
            var given: [String] = []
            for name in named where name.interface == nil || !given.contains(name.path) {
                given.append(name.path)
            }
            let found = try CapturePaths(given, joining: places.joining)
            for other in found.passedOver {
                Diagnostics.report("\(other.path): passed over: \(other.reason)")
            }
            var inputs: [InspectInput] = []
            for files in found.captures {
                var input = try InspectInput(files, rule: places)
                let interfaces = named.filter { files.contains($0.path) }.map(\.interface)
                input.choose(interfaces)
                inputs.append(input)
            }
            return inputs
        } catch {
            throw CommandError.badInput(error.description)
        }
    }
}
