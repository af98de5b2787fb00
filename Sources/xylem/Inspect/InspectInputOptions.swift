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
                return [.live(try LiveCapture(interface: interface, options: options))]
            }
            // Those of --at come later.
            guard !paths.isEmpty else { return [] }
            let found = try CapturePaths(paths)
            for other in found.passedOver {
                Diagnostics.report("\(other.path): passed over: \(other.reason)")
            }
            var inputs: [InspectInput] = []
            for path in found.files { inputs.append(.file(try CaptureFile(path))) }
            return inputs
        } catch {
            throw CommandError.badInput(error.description)
        }
    }
}

/// One source of packets, ready to be read.
enum InspectInput {
    case file(CaptureFile)
    case live(LiveCapture)

    var name: String {
        switch self {
        case .file(let file): file.name
        case .live(let capture): capture.name
        }
    }

    var contents: CaptureContents {
        switch self {
        case .file(let file): file.contents
        case .live(let capture): capture.contents
        }
    }

    /// The next packet; `nil` at the end of a file, or when none came for a while.
    func nextPacket() throws(CaptureError) -> CapturedPacket? {
        switch self {
        case .file(let file): try file.nextPacket()
        case .live(let capture): try capture.nextPacket(within: Self.waitMilliseconds)
        }
    }

    var isLive: Bool {
        if case .live = self { true } else { false }
    }

    private static let waitMilliseconds: Int32 = 100
}
