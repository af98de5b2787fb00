import Simulation
import Wire

/// A seeded stream of messages, with commands between messages and between the frames of a message, and the units
/// a reader has to make of it.
struct RandomStream {
    private(set) var bytes: [UInt8] = []
    private(set) var units: [StreamReader.Unit] = []
    private var generator: SeededGenerator
    private let lengths: [Int]

    init(seed: UInt64, messageCount: Int, lengths: [Int]) {
        generator = SeededGenerator(seed: seed)
        self.lengths = lengths
        for _ in 0..<messageCount { appendMessage() }
    }

    static let smallLengths = [0, 1, 2, 3, 8, 64, 254, 255, 256, 257]
    static let allLengths = smallLengths + [1_000, 4_096, 65_535, 65_536, 70_000]

    private mutating func appendMessage() {
        if Int.random(in: 0..<4, using: &generator) == 0 { appendCommand() }
        let frameCount =
            Bool.random(using: &generator) ? 1 : Int.random(in: 2...6, using: &generator)
        var message: [UInt8] = []
        for number in 1...frameCount {
            if number > 1, Int.random(in: 0..<3, using: &generator) == 0 { appendCommand() }
            let frame = makeFrame(flags: number < frameCount ? FrameHeader.more : 0).frame
            bytes += frame
            message += frame
        }
        units.append(.message(message))
    }

    private mutating func appendCommand() {
        let (frame, body) = makeFrame(flags: FrameHeader.command)
        bytes += frame
        units.append(.command(body))
    }

    /// A short body sometimes comes in the long form, which RFC 37 allows.
    private mutating func makeFrame(flags: UInt8) -> (frame: [UInt8], body: [UInt8]) {
        let body = generator.octets(lengths.randomElement(using: &generator) ?? 0)
        var frame: [UInt8] = []
        if body.count <= 255, Int.random(in: 0..<8, using: &generator) > 0 {
            frame = [flags, UInt8(body.count)]
        } else {
            frame = [flags | FrameHeader.long]
            BigEndian.append(UInt64(body.count), to: &frame)
        }
        return (frame + body, body)
    }
}
