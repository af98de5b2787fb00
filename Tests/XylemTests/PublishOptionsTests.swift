import ArgumentParser
import Testing
import ZeroMQ

@testable import xylem

@Suite struct PublishOptionsTests {
    @Test func `each argument is a message`() throws {
        #expect(try source("one", "two") == .messages(["one", "two"]))
    }

    @Test func `a topic is the first frame`() throws {
        #expect(try source("--topic", "t", "one") == .messages([["t", "one"]]))
    }

    @Test func `a separator cuts frames, empty ones too`() throws {
        #expect(try source("--separator", "|", "a||b") == .messages([["a", "", "b"]]))
    }

    @Test func `frames make one message`() throws {
        #expect(try source("--frame", "a", "--frame", "b") == .messages([["a", "b"]]))
    }

    @Test func `a load has room for its record`() throws {
        let load = try source("--count", "5", "--topic", "abc")
        #expect(load == .load(topic: Array("abc".utf8), byteCount: 64, messageCount: 5))
        #expect(throws: (any Error).self) { try source("--topic", "abc", "--size", "26") }
        _ = try source("--topic", "abc", "--size", "27")
    }

    @Test func `standard input is read when it is no terminal`() throws {
        #expect(try source() == .lines(path: nil))
        #expect(try source("-") == .lines(path: nil))
        #expect(throws: CommandError.self) { try PublishOptions.parse([]).source(isTerminal: true) }
        #expect(
            try PublishOptions.parse(["--rate", "5"]).source(isTerminal: true).messageCount == nil
        )
    }

    @Test(arguments: [["x", "--file", "f"], ["x", "--count", "1"], ["--rate", "-1"]])
    func `contradictions are refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try PublishOptions.parse(arguments) }
    }

    private func source(_ arguments: String...) throws -> PublishOptions.Source {
        try PublishOptions.parse(arguments).source(isTerminal: false)
    }
}

@Suite struct LineCutterTests {
    @Test(arguments: 1...8) func `lines do not depend on where chunks end`(
        chunkByteCount: Int
    ) throws {
        let text = Array("one\n\ntwo\r\nthree".utf8)
        var cutter = LineCutter(lineByteCountMax: 100)
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: chunkByteCount) {
            let chunk = text[start..<min(start + chunkByteCount, text.count)]
            lines += try cutter.append(chunk).map { String(decoding: $0, as: UTF8.self) }
        }
        if let last = cutter.finish() { lines.append(String(decoding: last, as: UTF8.self)) }
        #expect(lines == ["one", "", "two", "three"])
    }

    @Test func `a line has a longest length`() throws {
        var cutter = LineCutter(lineByteCountMax: 4)
        _ = try cutter.append(Array("four".utf8)[...])
        #expect(throws: LineTooLong(byteCountMax: 4)) { try cutter.append([0x61]) }
    }
}

@Suite struct SubscriberAwaitTests {
    @Test func `only a subscription that will get the messages counts`() {
        let weather = SubscriberAwait(count: 1, topic: Array("weather.oslo".utf8))
        #expect(weather.matches([]))
        #expect(weather.matches(Array("weather.".utf8)))
        #expect(!weather.matches(Array("stocks".utf8)))
        #expect(SubscriberAwait(count: 1, topic: nil).matches([1, 2]))
    }
}
