import Rendering
import Testing

@Suite struct TextColumnsTests {
    private var table: TextColumns {
        var table = TextColumns([
            .text("stream"), .text("at"), .number("data", worth: 2), .number("peak", worth: 1),
            .number("lost"),
        ])
        table.add(["10.0.0.1", TextColumns.nothing, "600", "5.0 Mbit/s", "2"])
        return table
    }

    @Test func `a table as wide as it is`() {
        #expect(
            table.lines == [
                "stream    data        peak  lost",
                "10.0.0.1   600  5.0 Mbit/s     2",
            ]
        )
        #expect(table.lines(width: 32) == table.lines)
    }

    @Test func `what has no room is left out by its worth, and named`() {
        #expect(
            table.lines(width: 31) == [
                "stream    data  lost", "10.0.0.1   600     2", "(no room for peak)",
            ]
        )
        #expect(
            table.lines(width: 19) == [
                "stream    lost", "10.0.0.1     2", "(no room for data,", "peak)",
            ]
        )
        // What has no worth stays, even where it has no room.
        #expect(table.lines(width: 5).prefix(2) == ["stream    lost", "10.0.0.1     2"])
    }
}
