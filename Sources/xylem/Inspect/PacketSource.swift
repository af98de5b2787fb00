import Captures
import Dissection

/// Reads inputs one after another, takes packets apart and hands on those that a filter chooses.
final class PacketSource {
    private(set) var packetCount = 0

    private let inputs: [InspectInput]
    private let dissector: Dissector
    private let filter: PacketFilter?
    private let stop: StopFlag
    private var failures: [CaptureError] = []
    private var progress = InspectProgress()
    private var startNanoseconds: Int64?

    init(
        _ inputs: [InspectInput],
        options: DissectorOptions,
        _ filter: PacketFilter?,
        _ stop: StopFlag
    ) {
        self.inputs = inputs
        dissector = Dissector(options: options)
        self.filter = filter
        self.stop = stop
    }

    /// What the reader knows of a packet's interface.
    func interface(of facts: PacketFacts) -> CaptureInterface? {
        let interfaces = inputs[facts.capture].contents.interfaces
        return interfaces.indices.contains(facts.packet.interface)
            ? interfaces[facts.packet.interface] : nil
    }

    func run(_ body: (PacketFacts) throws(CommandError) -> Void) async throws(CommandError) {
        for (capture, input) in inputs.enumerated() {
            while !stop.isSet {
                let packet: CapturedPacket?
                do throws(CaptureError) {
                    packet = try input.nextPacket()
                } catch {
                    failures.append(error)
                    break
                }
                if let packet {
                    try handle(packet, capture, body)
                } else if !input.isLive {
                    break
                }
                if packet == nil || packetCount & 0x3FFF == 0 {
                    progress.show(input, packetCount)
                    await Task.yield()
                }
            }
        }
        progress.clear()
    }

    private func handle(
        _ packet: CapturedPacket,
        _ capture: Int,
        _ body: (PacketFacts) throws(CommandError) -> Void
    ) throws(CommandError) {
        packetCount += 1
        let start = startNanoseconds ?? packet.nanoseconds
        startNanoseconds = start
        var next: DissectedPacket? = dissector.dissect(packet, of: capture)
        while let dissection = next {
            let facts = PacketFacts(
                packet: packet,
                capture: capture,
                dissection: dissection,
                startNanoseconds: start,
                outer: dissector.outerLayers
            )
            if filter?.matches(facts) ?? true { try body(facts) }
            next = dissector.nextDissection()
        }
    }

    /// Says what could not be read, and ends with the code for it.
    func reportFailures() throws(ExitStatus) {
        InspectProgress.report(inputs)
        for failure in failures { Diagnostics.report(failure.description) }
        if !failures.isEmpty { throw .badInput }
    }
}
