import ArgumentParser
import Captures
import Inspector

/// What the captures are compared with.
struct InspectVerdictOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A capture and the node where it was taken; repeat it for every tap. FILE#INTERFACE takes one interface of a pcapng.",
            valueName: "node=file"
        )
    )
    var at: [InspectTap] = []
    @Option(
        help: ArgumentHelp(
            "What should have happened: a plan (JSON) or a topology file, which is planned with the defaults. Needs --at.",
            valueName: "file"
        )
    )
    var plan: String?
    @Option(help: "Longer than this on the way counts as late, for example 100ms. Needs --at.")
    var late: DurationArgument?

    func validate() throws {
        if at.isEmpty, plan != nil || late != nil {
            throw ValidationError(
                "--plan and --late compare taps: name each with --at NODE=FILE."
            )
        }
    }

    /// Opens the captures of the taps behind those that are there already.
    func open(
        behind inputs: inout [InspectInput]
    ) throws(CommandError) -> VerdictOptions? {
        guard !at.isEmpty else { return nil }
        var options = VerdictOptions()
        for tap in at {
            let index: Int
            if let known = inputs.firstIndex(where: { $0.name == tap.file }) {
                index = known
            } else {
                index = inputs.count
                inputs.append(try tap.open())
            }
            options.taps.append(
                VerdictOptions.Tap(
                    node: tap.node,
                    capture: index,
                    interface: try tap.interfaceIndex()
                )
            )
        }
        if let plan { options.plan = try PlanSource.planOrTopology(plan) }
        options.lateNanoseconds = late.map { Int64(min($0.milliseconds * 1e6, 9e18)) }
        return options
    }
}

/// `NODE=FILE` or `NODE=FILE#INTERFACE`.
struct InspectTap: ExpressibleByArgument, Equatable, Sendable {
    var node: String
    var file: String
    var interface: String?

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else {
            return nil
        }
        node = String(argument[..<equals])
        file = String(argument[argument.index(after: equals)...])
        if let mark = file.lastIndex(of: "#"), mark != file.startIndex {
            interface = String(file[file.index(after: mark)...])
            file = String(file[..<mark])
        }
        guard !file.isEmpty, file != "-", interface != "" else { return nil }
    }

    func open() throws(CommandError) -> InspectInput {
        do throws(CaptureError) {
            return .file(try CaptureFile(file))
        } catch {
            throw .badInput(error.description)
        }
    }

    /// The number of the interface; a name is looked up in the capture, which describes its interfaces before their packets.
    func interfaceIndex() throws(CommandError) -> Int? {
        guard let interface else { return nil }
        if let index = Int(interface), index >= 0 { return index }
        do throws(CaptureError) {
            let capture = try CaptureFile(file)
            repeat {
                if let index = capture.contents.interfaces.firstIndex(where: {
                    $0.name == interface
                }) {
                    return index
                }
            } while try capture.nextPacket() != nil
            let names = capture.contents.interfaces.enumerated().map { index, interface in
                interface.name ?? "\(index)"
            }
            throw CaptureError(
                source: file,
                problem: "no interface “\(interface)”; there are: \(names.joined(separator: ", "))"
            )
        } catch {
            throw .badInput(error.description)
        }
    }
}
