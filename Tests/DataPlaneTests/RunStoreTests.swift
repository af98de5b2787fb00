import NIOCore
import Patterns
import Simulation
import SocketTestSupport
import Testing
import Wire

@testable import DataPlane

/// Messages of a tree's link by number, against a dictionary that does the same.
@Suite struct RunStoreTests {
    /// A message of one frame.
    static func message(_ text: String) -> [UInt8] {
        [0, UInt8(text.utf8.count)] + Array(text.utf8)
    }

    static func run(_ texts: [String]) -> ByteBuffer { ByteBuffer(bytes: texts.flatMap(message)) }

    static func texts(_ buffer: ByteBuffer) -> [String] {
        buffer.withUnsafeReadableBytes { bytes in
            var walker = MessageWalker(bytes)
            var texts: [String] = []
            while walker.next() {
                texts.append(String(decoding: bytes[walker.topic], as: UTF8.self))
            }
            return texts
        }
    }

    private func numbered(
        _ store: RunStore,
        _ numbers: ClosedRange<UInt64>
    ) -> [UInt64: String] {
        var found: [UInt64: String] = [:]
        store.forEachRun(in: numbers) { first, messageCount, octets in
            let texts = Self.texts(octets)
            #expect(texts.count == messageCount)
            for (place, text) in texts.enumerated() { found[first + UInt64(place)] = text }
        }
        return found
    }

    @Test func `what is put in anywhere comes out by number, whatever is taken away`() {
        for seed in 1...200 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var store = RunStore()
            var model: [UInt64: String] = [:]
            for _ in 0..<60 {
                switch Int.random(in: 0..<10, using: &random) {
                case 0..<6:
                    let first = UInt64.random(in: 1...200, using: &random)
                    var count = UInt64.random(in: 1...12, using: &random)
                    while count > 0, (first..<first + count).contains(where: { model[$0] != nil }) {
                        count -= 1
                    }
                    guard count > 0 else { continue }
                    let texts = (first..<first + count).map { "m\($0)" }
                    store.insert(Self.run(texts), messageCount: texts.count, from: first)
                    for number in first..<first + count { model[number] = "m\(number)" }
                case 6, 7:
                    let number = UInt64.random(in: 0...60, using: &random)
                    store.remove(through: number)
                    model = model.filter { $0.key > number }
                case 8:
                    let number = UInt64.random(in: 120...220, using: &random)
                    store.remove(after: number)
                    model = model.filter { $0.key <= number }
                default:
                    let first = UInt64.random(in: 1...200, using: &random)
                    let last = first + UInt64.random(in: 0...50, using: &random)
                    let expected = model.filter { (first...last).contains($0.key) }
                    #expect(numbered(store, first...last) == expected, "seed \(seed)")
                }
            }
            #expect(numbered(store, 1...300) == model, "seed \(seed)")
            let octetCount = model.values.reduce(0) { $0 + $1.utf8.count + 2 }
            #expect(store.byteCount == octetCount, "seed \(seed)")
        }
    }

    @Test func `one buffer goes under several stretches of numbers`() {
        var store = RunStore()
        store.insert(Self.run(["a", "b", "c", "d"]), under: [3...4, 9...9, 12...12])
        #expect(numbered(store, 1...20) == [3: "a", 4: "b", 9: "c", 12: "d"])
        store.insert(ByteBuffer(), under: [])
        #expect(numbered(store, 1...20).count == 4)
    }

    @Test func `a long run is cut between messages, and nothing of it is lost`() {
        let texts = (0..<6_000).map { "\($0) " + String(repeating: "x", count: 60) }
        var store = RunStore()
        store.insert(Self.run(texts), messageCount: texts.count, from: 10)
        var sizes: [Int] = []
        var all: [String] = []
        store.forEachRun(in: 1 ... .max) { _, _, octets in
            sizes.append(octets.readableBytes)
            all += Self.texts(octets)
        }
        #expect(all == texts)
        #expect(sizes.count > 1)
        #expect(sizes.allSatisfy { $0 <= 128 << 10 })
    }

    @Test func `a small run of a large buffer does not pin it`() {
        var buffer = ByteBufferAllocator().buffer(capacity: 1 << 20)
        buffer.writeBytes(Self.message("small"))
        var store = RunStore()
        store.insert(buffer, messageCount: 1, from: 1)
        store.forEachRun(in: 1...1) { _, _, octets in
            #expect(octets.storageCapacity < 1 << 10)
        }
    }

    // MARK: - Interest

    @Test func `each child takes what it asks for, by the same look at a message`() {
        for seed in 1...100 as ClosedRange<UInt64> {
            var random = SeededGenerator(seed: seed)
            var store = RunStore()
            var model: [UInt64: String] = [:]
            var next: UInt64 = 1
            let interest = LinkInterest()
            let children = (0..<3).map { _ in interest.makeChild() }
            var topics: [[String]] = [[], [], []]
            let words = ["", "a", "ab", "b", "abc", "c"]
            for _ in 0..<40 {
                switch Int.random(in: 0..<4, using: &random) {
                case 0:
                    let texts = (0..<Int.random(in: 1...8, using: &random)).map { _ in
                        (words.randomElement(using: &random) ?? "") + "!"
                    }
                    store.insert(Self.run(texts), messageCount: texts.count, from: next)
                    for text in texts {
                        model[next] = text
                        next += 1
                    }
                case 1:
                    let (child, word) = (
                        Int.random(in: 0..<3, using: &random),
                        words.randomElement(using: &random) ?? ""
                    )
                    interest.subscribe(Array(word.utf8), by: children[child])
                    if !topics[child].contains(word) { topics[child].append(word) }
                case 2:
                    let child = Int.random(in: 0..<3, using: &random)
                    guard let word = topics[child].randomElement(using: &random) else { continue }
                    interest.cancel(Array(word.utf8), by: children[child])
                    topics[child].removeAll { $0 == word }
                default:
                    let child = Int.random(in: 0..<3, using: &random)
                    let first = UInt64.random(in: 1...next, using: &random)
                    let last = first + UInt64.random(in: 0...20, using: &random)
                    var found: [UInt64: String] = [:]
                    store.forEachRun(in: first...last, wantedBy: children[child], of: interest) {
                        for (place, text) in Self.texts($2).enumerated() {
                            found[$0 + UInt64(place)] = text
                        }
                    }
                    let expected = model.filter { number, text in
                        (first...last).contains(number)
                            && topics[child].contains { text.hasPrefix($0) }
                    }
                    #expect(found == expected, "seed \(seed)")
                }
            }
        }
    }

    @Test func `a child that has gone leaves nothing to the next of its number`() {
        let interest = LinkInterest()
        let first = interest.makeChild()
        interest.subscribe([], by: first)
        interest.remove(first)
        let second = interest.makeChild()
        #expect(second == first)
        var store = RunStore()
        store.insert(Self.run(["a"]), messageCount: 1, from: 1)
        var count = 0
        store.forEachRun(in: 1...1, wantedBy: second, of: interest) { _, _, _ in count += 1 }
        #expect(count == 0)
    }

    // MARK: - Frames

    @Test func `a command with messages is one frame, whatever its pieces`() {
        let large = Self.run((0..<200).map { "\($0)" + String(repeating: "y", count: 40) })
        let small = Self.run(["a"])
        for runs in [[], [small], [large], [small, large, small], [large, large]] {
            let frames = LinkFrames("BATCH", [1, 2, 3], runs)
            let octets = frames.pieces.flatMap { Array($0.readableBytesView) }
            #expect(frames.byteCount == octets.count)
            let body =
                [5] + Array("BATCH".utf8) + [1, 2, 3] + runs.flatMap { Array($0.readableBytesView) }
            var expected: [UInt8] = []
            body.withUnsafeBytes { FrameHeader.append(body: $0, isCommand: true, to: &expected) }
            #expect(octets == expected)
        }
    }
}
