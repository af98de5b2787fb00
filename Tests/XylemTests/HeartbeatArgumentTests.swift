import ArgumentParser
import Testing
import ZeroMQ

@testable import xylem

@Suite struct HeartbeatArgumentTests {
    @Test func `a time is the interval, and twice of it the patience`() {
        let options = HeartbeatArgument(argument: "200ms")?.options
        #expect(options?.interval == .milliseconds(200))
        #expect(options?.timeout == .milliseconds(400))
    }

    @Test(arguments: ["off", "0s"])
    func `it can be switched off`(text: String) {
        #expect(HeartbeatArgument(argument: text)?.options == .off)
    }

    @Test(arguments: ["5", "soon", "-1s", ""])
    func `anything else is refused`(text: String) {
        #expect(HeartbeatArgument(argument: text) == nil)
    }

    @Test func `the default is the library's`() throws {
        #expect(try AttachOptions.parse([]).heartbeat.options == .standard)
    }
}
