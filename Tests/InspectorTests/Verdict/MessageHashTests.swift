import Inspector
import Simulation
import Testing

/// A message's hash must depend on its octets and frames, and on nothing else.
@Suite struct MessageHashTests {
    @Test func `pieces do not matter`() {
        for seed in UInt64(0)..<200 {
            var random = SeededGenerator(seed: seed)
            let frames = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 0...100, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
            }
            var hash = MessageHash()
            for frame in frames {
                var rest = frame[...]
                while !rest.isEmpty {
                    let piece = rest.prefix(Int.random(in: 1...40, using: &random))
                    Array(piece).withUnsafeBytes { hash.append($0) }
                    rest = rest.dropFirst(piece.count)
                }
                hash.endFrame()
            }
            let digest = hash.finish()
            #expect(digest == Self.digest(frames), "seed \(seed)")
            #expect(digest.byteCount == frames.joined().count)
            #expect(digest.frameCount == frames.count)
            #expect(digest.topic.bytes == Array(frames[0].prefix(16)))
            #expect(digest.topic.isWhole == (frames[0].count <= 16))
        }
    }

    @Test func `messages that differ have different hashes`() {
        let messages: [[[UInt8]]] = [
            [[]], [[0]], [[0, 0]], [[], []], [[0], []], [[], [0]], [[1]], [[1, 0]],
            [Array(repeating: 0, count: 15)], [Array(repeating: 0, count: 16)],
            [Array(repeating: 0, count: 17)], [Array(repeating: 0, count: 32)],
            [Array(repeating: 0, count: 16), Array(repeating: 0, count: 16)],
            [Array(1...40)], [Array(1...20), Array(21...40)], [Array(1...40).reversed()],
        ]
        #expect(Set(messages.map { Self.digest($0).hash }).count == messages.count)
    }

    @Test func `a hundred thousand numbered messages do not collide`() {
        var hashes: Set<UInt64> = []
        for number in 0..<100_000 { hashes.insert(Self.digest([Array("wx\(number)".utf8)]).hash) }
        #expect(hashes.count == 100_000)
    }

    @Test func `a prefix longer than what is kept is possible, not certain`() {
        let topic = Array("0123456789abcdefXYZ".utf8).withUnsafeBytes { TopicPrefix($0) }
        #expect(topic.matches("".utf8) == .yes)
        #expect(topic.matches("0123456789abcdef".utf8) == .yes)
        #expect(topic.matches("0123456789abcdefX".utf8) == .possible)
        #expect(topic.matches("0123456789abcdeX".utf8) == .no)
        let short = Array("abc".utf8).withUnsafeBytes { TopicPrefix($0) }
        #expect(short.matches("abc".utf8) == .yes)
        #expect(short.matches("abcd".utf8) == .no)
    }

    static func digest(_ frames: [[UInt8]]) -> MessageDigest {
        var hash = MessageHash()
        for frame in frames {
            frame.withUnsafeBytes { hash.append($0) }
            hash.endFrame()
        }
        return hash.finish()
    }
}
