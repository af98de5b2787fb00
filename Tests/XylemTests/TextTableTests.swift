import Testing

@testable import xylem

@Suite struct TextTableTests {
    private var table: TextTable {
        TextTable(
            columns: [.text("NODE"), .text("STATE"), .number("IN")],
            rows: [["trunk", "up", "1,234"], ["a-very-long-name", "no parent", "0"]]
        )
    }

    @Test func `columns are as wide as they must be`() {
        #expect(
            table.lines() == [
                "NODE              STATE         IN",
                "trunk             up         1,234",
                "a-very-long-name  no parent      0",
            ]
        )
    }

    @Test func `names give way first`() {
        #expect(
            table.lines(width: 28) == [
                "NODE        STATE         IN",
                "trunk       up         1,234",
                "a-very-lo…  no parent      0",
            ]
        )
        for width in 1...40 {
            #expect(table.lines(width: width).allSatisfy { $0.count <= width })
        }
    }

    @Test func `columns of little worth go before names are cut`() {
        let table = TextTable(
            columns: [
                .text("NODE"), .number("PUBS", worth: 1), .number("DROPS"), .number("IN", worth: 2),
            ],
            rows: [["a-long-name", "1", "2", "3"]]
        )
        #expect(table.lines(width: 40)[1] == "a-long-name     1      2   3")
        #expect(table.lines(width: 25) == ["NODE         DROPS  IN", "a-long-name      2   3"])
        #expect(table.remark(width: 25) == " (no room for PUBS)")
        #expect(table.lines(width: 18) == ["NODE         DROPS", "a-long-name      2"])
        #expect(table.remark(width: 80).isEmpty)
    }

    @Test func `a sentence is folded after commas, and loses nothing`() {
        let text = "7 of 7 nodes up, 0 received, 12,345 sent, 0 dropped, 3 subscribers"
        for width in 8...80 {
            let lines = Terminal.folded(text, width: width)
            #expect(lines.joined(separator: " ") == text)
            if width >= 15 { #expect(lines.allSatisfy { $0.count <= width }) }
        }
        #expect(
            Terminal.folded(text, width: 30)
                == ["7 of 7 nodes up, 0 received,", "12,345 sent, 0 dropped,", "3 subscribers"]
        )
        #expect(
            Terminal.folded("core: subscriber 10.0.0.9:51222's queue is full", width: 30)
                == ["core: subscriber", "10.0.0.9:51222's queue is full"]
        )
    }

    @Test(
        arguments: [
            ([:], false), (["TERM": "xterm"], true), (["TERM": "dumb"], false),
            (["TERM": "xterm", "NO_COLOR": "1"], false), (["TERM": "xterm", "NO_COLOR": ""], true),
        ] as [([String: String], Bool)]
    )
    func `escapes are for terminals that take them`(environment: [String: String], takes: Bool) {
        #expect(Terminal.takesEscapes(environment) == takes)
    }

    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1,000"), (-1_234_567, "-1,234,567"),
        (9_999_999, "9,999,999"),
        (12_345_678, "12.3M"), (20_000_000_000, "20.0G"),
    ])
    func `counts are read at a glance`(number: Int, text: String) {
        #expect(Figures.count(number) == text)
    }

    @Test(arguments: [
        (850, "850 µs"), (1_250, "1.25 ms"), (999_999, "1000.00 ms"), (2_100_000, "2.1 s"),
    ])
    func `times have the unit that fits`(microseconds: UInt64, text: String) {
        #expect(Figures.time(microseconds: microseconds) == text)
    }
}
