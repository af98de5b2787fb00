import Dissection
import Foundation
@testable import InspectionReports
import PGM
import Rendering
import Testing
@testable import Inspector

/// JSON, CSV and times as text.
@Suite struct ReportTests {
    private func report() -> InspectionReport {
        let feed = PacketFeed()
        feed.captures[0].firstNanoseconds = StreamScenario.start
        feed.membership(true, of: IPAddress(v4: 0x0A00_000C), at: StreamScenario.start)
        for number in UInt32(0)..<50 {
            let now = StreamScenario.start + Int64(number) * 1_000_000
            feed.odata(SequenceNumber(number), at: now)
        }
        let now = StreamScenario.start + 60_000_000
        feed.nak([SequenceNumber(7)], from: IPAddress(v4: 0x0A00_000C), at: now)
        feed.ncf([SequenceNumber(7)], at: now + 100_000)
        feed.rdata(SequenceNumber(7), at: now + 2_000_001)
        feed.spm(1, lead: nil, isLast: true, at: now + 50_000_000)
        return feed.report(at: now + 50_000_000)
    }

    @Test func `tables fit the terminal, and lose nothing in a file`() {
        let whole = ReportText.render(report())
        #expect(!whole.contains("no room for") && whole.contains("peak"))
        let narrow = ReportText.render(report(), width: 60, tableWidth: 60)
        #expect(narrow.contains("(no room for") && narrow.contains("lost"))
        let tables = narrow.components(separatedBy: "\n\n")
            .filter { $0.hasPrefix("STREAMS") || $0.hasPrefix("RECEIVERS") }
        #expect(tables.count == 2)
        #expect(narrow.split(separator: "\n").allSatisfy { $0.count <= 60 }, "\(narrow)")
    }

    @Test func `JSON has the keys that are promised`() throws {
        let text = ReportJSON.render(report())
        let object = try #require(
            JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
        )
        #expect(["captures", "streams", "findings", "verdict"].allSatisfy { object[$0] != nil })
        let stream = try #require((object["streams"] as? [[String: Any]])?.first)
        #expect(stream["transport"] as? String == "epgm")
        #expect(stream["source"] as? String == "10.0.0.1")
        #expect(stream["group"] as? String == "239.192.1.1")
        #expect(stream["gsi"] as? String == "b7c6d1bc038a")
        #expect(stream["sourcePort"] as? Int == 4000)
        let packets = try #require(stream["packets"] as? [String: Int])
        #expect(
            packets.keys.sorted() == [
                "ack", "nak", "ncf", "nnak", "odata", "poll", "polr", "rdata", "spm", "spmr",
            ]
        )
        #expect(packets["odata"] == 50 && packets["rdata"] == 1)
        let sequence = try #require(stream["sequence"] as? [String: Any])
        #expect(sequence["first"] as? Int == 0 && sequence["last"] as? Int == 49)
        let repair = try #require((stream["repairs"] as? [[String: Any]])?.first)
        #expect(repair["sequence"] as? Int == 7)
        #expect(repair["latencyMs"] as? Double == 2.000001)
        #expect(repair["nak"] as? String == "2026-11-23T12:00:00.060000000Z")
        #expect((stream["losses"] as? [Any])?.isEmpty == true)
        #expect((stream["receivers"] as? [[String: Any]])?.count == 1)
    }

    @Test func `each line of NDJSON is a document that names its type`() throws {
        let lines = ReportJSON.renderLines(report()).split(separator: "\n")
        let types = try lines.map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return object?["type"] as? String
        }
        #expect(types == ["capture", "stream", "group", "finding"])
    }

    @Test func `every key of the report is on the page that documents it`() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        let text = ReportJSON.render(report())
        let keys = Set(text.matches(of: #/"([A-Za-z0-9]+)": /#).map { String($0.1) })
        let missing = keys.filter { !page.contains("`\($0)`") && !page.contains("`\($0)[]`") }
            .sorted()
        #expect(missing == [], "not in docs/inspect.md")
    }

    @Test func `every code of a finding is on the page, and the other way round`() throws {
        let page = try String(contentsOf: Self.page, encoding: .utf8)
        var made: Set<String> = []
        let folder = Self.root.appending(path: "Sources/Inspector/Findings")
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            let source = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
            for match in source.matches(
                of: #/\.(?:note|warning|problem)\b[^"{}]*?"([a-z]+(?:-[a-z]+)+)"/#
            ) {
                made.insert(String(match.1))
            }
        }
        #expect(made.count > 30)
        #expect(made.filter { !page.contains("| `\($0)` |") }.sorted() == [])
    }

    @Test func `CSV has a line for each stream and as many cells as names`() {
        let lines = ReportCSV.render(report()).split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(lines[0].split(separator: ",").count == 38)
        #expect(lines[1].split(separator: ",", omittingEmptySubsequences: false).count == 38)
    }

    @Test func `JSON escapes what it must`() {
        #expect(JSONValue.string("a\"b\\c\n\u{1}é").compact == #""a\"b\\c\n\u0001é""#)
        #expect(JSONValue.milliseconds(-1_500_000).compact == "-1.5")
        #expect(JSONValue.milliseconds(7).compact == "0.000007")
        #expect(JSONValue.decimal(.infinity).compact == "null")
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000000Z"),
        (951_782_400_000_000_000, "2000-02-29T00:00:00.000000000Z"),
        (-1, "1969-12-31T23:59:59.999999999Z"),
        (1_795_435_200_123_456_789, "2026-11-23T12:00:00.123456789Z"),
        (Int64.max, "2262-04-11T23:47:16.854775807Z"),
        (Int64.min, "1677-09-21T00:12:43.145224192Z"),
    ])
    func `times are calendar times`(_ nanoseconds: Int64, _ text: String) {
        #expect(CalendarTime(nanoseconds).text == text)
    }

    @Test func `figures are read without thinking`() {
        #expect(Figures.duration(44_013_000) == "44.0 ms")
        #expect(Figures.duration(200_000_000_000) == "3 min 20 s")
        #expect(Figures.count(1_234_567) == "1,234,567")
        #expect(Figures.bitRate(2_500_000) == "2.5 Mbit/s")
        #expect(Figures.percent(1, of: 1_000_000) == "< 0.01 %")
        #expect(Figures.list(["a", "b", "c"]) == "a, b and c")
        #expect(Figures.list(["a", "b", "c", "d", "e", "f"]) == "a, b, c, d and 2 more")
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let page = root.appending(path: "docs/inspect.md")
}
