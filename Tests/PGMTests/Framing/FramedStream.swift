import PGM
import Simulation
import Wire

/// Runs of random messages, their TSDUs, and a decoder with the output that a shell would keep.
struct FramedStream {
    var decoder: FramingDecoder
    var output: [UInt8] = []
    var messageCount = 0
    var violations: [FramingViolation] = []

    init(messageByteCountMax: Int = .max) {
        decoder = FramingDecoder(messageByteCountMax: messageByteCountMax)
    }

    /// A message of frames as ZMTP 3 has them.
    static func message(_ frames: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (index, frame) in frames.enumerated() {
            frame.withUnsafeBytes {
                FrameHeader.append(body: $0, hasMore: index < frames.count - 1, to: &bytes)
            }
        }
        return bytes
    }

    static func randomMessage(_ generator: inout SeededGenerator) -> [UInt8] {
        let frameCount = Int.random(in: 0..<4, using: &generator) == 0 ? 3 : 1
        return message(
            (0..<frameCount).map { _ in
                let lengths = [0, 1, 64, 252, 253, 254, 255, 256, 300, 2_000]
                let length = lengths[Int.random(in: 0..<lengths.count, using: &generator)]
                return generator.octets(length)
            }
        )
    }

    /// The TSDUs of these runs, each at most `byteCount` octets; a run's end closes the TSDU when `isFlushed`.
    static func tsdus(
        _ runs: [[UInt8]],
        byteCount: Int,
        isFlushed: Bool = false
    ) -> [[UInt8]] {
        var encoder = FramingEncoder()
        var memory = [UInt8](repeating: 0, count: byteCount)
        var tsdus: [[UInt8]] = []
        func close() {
            let count = memory.withUnsafeMutableBytes { encoder.finish($0) }
            tsdus.append(Array(memory[..<count]))
        }
        for run in runs {
            var offset = 0
            while offset < run.count {
                offset += run[offset...].withUnsafeBytes { bytes in
                    memory.withUnsafeMutableBytes { encoder.encode(bytes, into: $0) }
                }
                if offset < run.count { close() }
            }
            if isFlushed, !encoder.isEmpty { close() }
        }
        if !encoder.isEmpty { close() }
        return tsdus
    }

    @discardableResult
    mutating func decode(_ tsdu: [UInt8]) -> FramingDecoder.Result {
        let end = output.count
        let room = tsdu.count + FramingDecoder.splitHeadByteCountMax
        output.append(contentsOf: repeatElement(0xEE, count: room))
        let result = tsdu.withUnsafeBytes { bytes in
            output.withUnsafeMutableBytes {
                decoder.decode(bytes, into: UnsafeMutableRawBufferPointer(rebasing: $0[end...]))
            }
        }
        output.removeLast(room - result.writtenByteCount + result.droppedByteCount)
        messageCount += result.messageCount
        if let violation = result.violation { violations.append(violation) }
        return result
    }

    mutating func lose() {
        output.removeLast(decoder.handleLoss())
    }

    /// The output as single messages.
    var messages: [[UInt8]] {
        output.withUnsafeBytes { bytes in
            var walker = MessageWalker(bytes)
            var messages: [[UInt8]] = []
            while walker.next() { messages.append(Array(bytes[walker.start..<walker.end])) }
            return messages
        }
    }
}
