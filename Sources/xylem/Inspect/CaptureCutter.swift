import Captures
import Dissection
import Glibc

/// Writes chosen packets to a new capture.
final class CaptureCutter {
    var packetCount: Int { writer.packetCount }

    private let path: String
    private let file: OutputFile
    private var writer: CaptureWriter
    private var lastWritten: (capture: Int, number: Int)?

    /// `isGrowing`: the packets come as they are captured, and whoever watches the file sees them.
    ///
    /// - Throws: When the file cannot be made, or is one of the inputs.
    init(
        _ path: String,
        inputs: [InspectInput],
        isGrowing: Bool
    ) throws(CommandError) {
        self.path = path
        writer = CaptureWriter(Self.format(path, inputs))
        var target = stat()
        if stat(path, &target) == 0 {
            for file in inputs.flatMap(\.files) {
                var source = stat()
                if stat(file, &source) == 0, source.st_dev == target.st_dev,
                    source.st_ino == target.st_ino
                {
                    throw .badInput(
                        "\(path) is one of the captures that are read; write to another file"
                    )
                }
            }
        }
        file = try OutputFile(path, isGrowing: isGrowing)
    }

    /// A packet that holds several PGM packets is written once.
    func write(_ facts: PacketFacts, _ source: PacketSource) throws(CommandError) {
        if let lastWritten, lastWritten == (facts.capture, facts.packet.number) { return }
        lastWritten = (facts.capture, facts.packet.number)
        let interface = source.interface(of: facts)
        guard writer.write(facts.packet, of: facts.capture, interface) else {
            throw .badInput("the captures have different link types: name the file \(path)ng")
        }
        if writer.bytes.count >= Self.bufferByteCount { try flush() }
    }

    func finish() throws(CommandError) {
        writer.finish()
        try flush()
        try file.finish()
    }

    private func flush() throws(CommandError) {
        try file.write(writer.bytes)
        writer.bytes.removeAll(keepingCapacity: true)
    }

    /// As the name says; else as the input is, if one pcap can hold it.
    private static func format(_ path: String, _ inputs: [InspectInput]) -> CaptureWriter.Format {
        if path.hasSuffix(".pcapng") || path.hasSuffix(".ntar") { return .pcapng }
        let isNanosecond = inputs.contains { input in
            if case .pcap(false, _, _) = input.contents.format { false } else { true }
        }
        if path.hasSuffix(".pcap") || path.hasSuffix(".cap") {
            return .pcap(isNanosecond: isNanosecond)
        }
        guard inputs.count == 1, case .pcap(_, _, _) = inputs[0].contents.format else {
            return .pcapng
        }
        return .pcap(isNanosecond: isNanosecond)
    }

    private static let bufferByteCount = 256 << 10
}
