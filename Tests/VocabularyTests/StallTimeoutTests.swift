import Testing
import Vocabulary

@Suite struct StallTimeoutTests {
    @Test(
        arguments: [
            ("60s", "60s"), ("5m", "300s"), ("500ms", "500ms"), ("1.5s", "1500ms"), ("1h", "3600s"),
            ("never", "never"),
        ]
    )
    func `a text is read and written`(text: String, written: String) throws {
        let stall = try StallTimeout(text: text)
        #expect(stall.description == written)
        #expect(try StallTimeout(text: written) == stall)
    }

    @Test(arguments: [
        "60", "", "s", "-1s", "0s", "0.1ms", "1d", "Never", "1 s", "nans", "99999999h",
    ])
    func `what is not one is refused, and told what is`(text: String) {
        let error = #expect(throws: StallTimeout.InvalidText.self) { try StallTimeout(text: text) }
        #expect(error?.text == text)
        #expect("\(error, default: "")".contains("60s"))
    }
}
