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

    @Test func `octets that are no text are given in hexadecimal or base64`() throws {
        let octets: Message = [Frame([0xFF, 1]), Frame([0, 0x2A]), Frame([])]
        #expect(try source("--topic-hex", "ff01", "--hex", "002a |") == .messages([octets]))
        #expect(try source("--topic-hex", "0xFF 01", "--hex", "00 2A|") == .messages([octets]))
        #expect(try source("--topic-base64", "/wE=", "--base64", "ACo=|") == .messages([octets]))
        #expect(
            try source("--topic-base64", "_wE", "--base64", "--frame", "ACo", "--frame", "")
                == .messages([octets])
        )
        let load = try source("--count", "5", "--topic-hex", "ff")
        #expect(load == .load(topic: [0xFF], byteCount: 64, messageCount: 5))
    }

    @Test(arguments: [
        ["--hex", "f"], ["--hex", "fg"], ["--hex", "--frame", "ff|01"], ["--base64", "="],
        ["--base64", "ä"],
    ])
    func `what cannot be decoded is refused`(arguments: [String]) throws {
        let options = try PublishOptions.parse(arguments)
        let error = #expect(throws: CommandError.self) { try options.source(isTerminal: false) }
        #expect(error?.code == .badInput)
    }

    @Test func `a separator cuts octets, whatever they are`() throws {
        let options = try PublishOptions.parse(["--separator", "|"])
        let line: [UInt8] = [0xFF, UInt8(ascii: "|"), 0xFE]
        #expect(try options.message(of: line[...]) == [Frame([0xFF]), Frame([0xFE])])
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

    @Test(arguments: [
        ["x", "--file", "f"], ["x", "--count", "1"], ["--rate", "-1"],
        ["--topic", "a", "--topic-hex", "ff"], ["--topic-hex", "zz"], ["--hex", "--base64"],
        ["--hex", "--separator", "|"],
    ])
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
