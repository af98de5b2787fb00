import Testing

@testable import xylem

@Suite struct ArgumentTests {
    @Test(arguments: [
        ("10s", 10_000.0), ("0.2ms", 0.2), ("200us", 0.2), ("5m", 300_000), ("0s", 0),
        ("1h", 3_600_000),
    ])
    func `durations have units`(text: String, milliseconds: Double) {
        #expect(DurationArgument(argument: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: ["10", "s", "", "-1s", "1 s", "1e3s", "infs", "1.2.3s", "10sec"])
    func `anything else is no duration`(text: String) {
        #expect(DurationArgument(argument: text) == nil)
    }

    @Test(arguments: [("1", 1), ("64KiB", 65_536), ("128MiB", 128 << 20), ("1GB", 1_000_000_000)])
    func `sizes may have units`(text: String, byteCount: Int) {
        #expect(ByteCountArgument(argument: text)?.byteCount == byteCount)
    }

    @Test(arguments: [
        "0", "", "MiB", "-1", "1.5MiB", "9999999999999999999", "9223372036854775807KiB",
    ])
    func `anything else is no size`(text: String) {
        #expect(ByteCountArgument(argument: text) == nil)
    }

    @Test func `what is not UTF-8 is refused, with what to write instead`() throws {
        try RawArguments.check([Array("xylem".utf8), Array("tópico".utf8)])
        let error = #expect(throws: CommandError.self) {
            try RawArguments.check([Array("xylem".utf8), Array("publish".utf8), [0xFF, 1]])
        }
        #expect(error?.code == .badInput)
        #expect(error?.message.contains("argument 2 is not UTF-8") == true)
        #expect(error?.message.contains("--topic-hex ff01") == true)
    }

    @Test func `defaults are shown as people write them`() {
        #expect(ByteCountArgument(128 << 20).defaultValueDescription == "128MiB")
        #expect(ByteCountArgument(64).defaultValueDescription == "64")
    }
}
