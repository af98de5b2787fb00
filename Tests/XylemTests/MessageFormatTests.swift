import ArgumentParser
import Testing
import ZeroMQ

@testable import xylem

@Suite struct MessageFormatTests {
    @Test func `text is printed as it is`() {
        #expect(line(.text, ["weather.oslo", "-4 °C"]) == "weather.oslo | -4 °C\n")
        #expect(line(.text, [""]) == "\n")
    }

    @Test(arguments: [[0x1B, 0x5B], [0xFF], [0xC2, 0x9B], [0x7F], [0x0A]] as [[UInt8]])
    func `what could harm a terminal is hexadecimal`(bytes: [UInt8]) {
        #expect(line(.text, [Frame(bytes)]).hasPrefix("0x"))
    }

    @Test func `long octets are cut short`() {
        let text = line(.text, [Frame([UInt8](repeating: 0, count: 100))])
        #expect(text == "0x" + String(repeating: "0", count: 64) + "… (100 B)\n")
    }

    @Test func `JSON escapes, and says hex for what is not text`() {
        #expect(
            line(.json, ["a\"\\\n\u{1}é", Frame([0xFF, 0x01])])
                == #"{"frames":["a\"\\\u000a\u0001é",{"hex":"ff01"}]}"# + "\n"
        )
    }

    @Test func `JSON tells of a load and of the place`() {
        let load = LoadMessage(publisher: 3, sequence: 8, sentAt: 0)
        var output: [UInt8] = []
        MessageFormat.json.append("x", load: load, delay: 1_500, place: "oslo", to: &output)
        #expect(
            String(decoding: output, as: UTF8.self)
                == #"{"frames":["x"],"from":"oslo","publisher":3,"sequence":8,"delayMicroseconds":1.5}"#
                + "\n"
        )
    }

    @Test(arguments: [MessageFormat.hex, .base64]) func `what is printed can be published`(
        format: MessageFormat
    ) throws {
        let message: Message = [Frame((0...255).map { $0 }), "", Frame([UInt8(ascii: "|")])]
        let text = line(format, message).dropLast()
        let options = try PublishOptions.parse(["--\(format.rawValue)"])
        #expect(try options.message(of: Array(text.utf8)[...]) == message)
        #expect(line(format, "").utf8.elementsEqual("\n".utf8))
        #expect(try options.message(of: []) == Message(""))
    }

    @Test func `hexadecimal is one line for all frames`() {
        #expect(line(.hex, ["ab", Frame([0xFF])]) == "6162 | ff\n")
        #expect(line(.base64, ["ab", Frame([0xFF])]) == "YWI= | /w==\n")
    }

    @Test func `raw is the octets alone`() {
        #expect(line(.raw, ["ab", "c"]) == "abc")
        #expect(line(.quiet, ["ab", "c"]) == "")
    }

    private func line(_ format: MessageFormat, _ message: Message) -> String {
        var output: [UInt8] = []
        format.append(message, load: nil, delay: 0, place: nil, to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}

@Suite struct FiguresTests {
    @Test func `numbers are exact and grouped`() {
        #expect(Figures.exact(0) == "0")
        #expect(Figures.exact(999) == "999")
        #expect(Figures.exact(12_345_678) == "12,345,678")
        #expect(Figures.exact(-1_000) == "-1,000")
        #expect(Figures.exact(1, "message") == "1 message")
    }

    @Test func `units are chosen by size`() {
        #expect(Figures.byteCount(999) == "999 B")
        #expect(Figures.byteCount(6_400_000) == "6.4 MB")
        #expect(Figures.duration(nanoseconds: 850) == "850 ns")
        #expect(Figures.duration(nanoseconds: 12_300) == "12.3 µs")
        #expect(Figures.duration(nanoseconds: 2_500_000_000) == "2.50 s")
    }
}
