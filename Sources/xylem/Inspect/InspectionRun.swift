import Captures
import Dissection
import InspectionReports
import Inspector

/// Feeds an inspection from its inputs, and shows how far it is.
final class InspectionRun {
    private let inputs: [InspectInput]
    /// Where captures were taken, by their index.
    private let nodes: [Int: String]
    private let inspection: Inspection
    private let dissectorOptions: DissectorOptions
    private let stop: StopFlag
    private let isFollowed: Bool
    private var failures: [CaptureError] = []
    private var progress = InspectProgress()
    private var screen = LiveScreen()
    private var lastShown = ContinuousClock.now

    init(
        _ inputs: [InspectInput],
        _ options: InspectionOptions,
        _ stop: StopFlag,
        isFollowed: Bool,
        nodes: [Int: String] = [:]
    ) {
        self.inputs = inputs
        self.nodes = nodes
        inspection = Inspection(options)
        dissectorOptions = options.dissector
        self.stop = stop
        self.isFollowed = isFollowed
    }

    func run() async throws(CommandError) -> InspectionReport {
        for (index, input) in inputs.enumerated() {
            let capture = inspection.beginCapture(
                input.name,
                node: nodes[index],
                places: input.places(dissectorOptions)
            )
            await read(input, capture)
            updateContents(input, capture)
        }
        progress.clear()
        screen.clear()
        return inspection.finish()
    }

    /// Says what could not be read, and ends with the code for it.
    func reportFailures() throws(ExitStatus) {
        for failure in failures { Diagnostics.report(failure.description) }
        if !failures.isEmpty { throw .badInput }
    }

    private func read(_ input: InspectInput, _ capture: Int) async {
        var packetCount = 0
        while !stop.isSet {
            var isIdle = false
            do throws(CaptureError) {
                isIdle = try readSome(input, capture, &packetCount)
            } catch {
                failures.append(error)
                return
            }
            if isIdle, !input.isLive { return }
            show(input, capture, packetCount)
            await Task.yield()
        }
    }

    /// As many packets as are read between two looks at the clock; true when there was none any more.
    private func readSome(
        _ input: InspectInput,
        _ capture: Int,
        _ packetCount: inout Int
    ) throws(CaptureError) -> Bool {
        // Most inputs are one file of which everything is wanted: no packet of it pays for what else an input can be.
        if case .file(let file) = input.source, input.chosen == nil {
            for _ in 0..<Self.batchCount {
                guard let packet = try file.nextPacket() else { return true }
                inspection.handle(packet, of: capture)
                packetCount += 1
            }
            return false
        }
        for _ in 0..<Self.batchCount {
            guard let packet = try input.nextPacket() else { return true }
            inspection.handle(packet, of: capture)
            packetCount += 1
        }
        return false
    }

    private func updateContents(_ input: InspectInput, _ capture: Int) {
        if case .live(let live) = input.source { live.updateDrops() }
        inspection.update(input.contents, of: capture)
    }

    private func show(_ input: InspectInput, _ capture: Int, _ packetCount: Int) {
        guard isFollowed, Terminal.isInteractive else { return progress.show(input, packetCount) }
        let now = ContinuousClock.now
        guard now - lastShown >= Self.interval else { return }
        lastShown = now
        updateContents(input, capture)
        let width = Terminal.size.columns
        let text = ReportText.render(inspection.makeReport(), width: width, tableWidth: width)
        screen.show(text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
    }

    private static let batchCount = 4096
    private static let interval = Duration.seconds(1)
}
