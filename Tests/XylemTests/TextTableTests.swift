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
