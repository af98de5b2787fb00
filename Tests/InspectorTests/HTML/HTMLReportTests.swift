import Dissection
@testable import InspectionReports
import PGM
import Testing
@testable import Inspector

/// The page is one file that loads nothing, and nothing that a capture says becomes markup.
@Suite struct HTMLReportTests {
    private static let hostile = "<script>alert(1)</script>\"'&\u{1B}[31m\u{202E}"

    private func hostileReport() -> InspectionReport {
        var lab = PlanLab()
        let place = lab.addTap(nil)
        let numbers = Array(0..<50)
        lab.feed(from: "root", to: "relay", at: [place], numbers: numbers)
        lab.feed(from: "relay", to: "leaf-1", at: [place], numbers: numbers)
        lab.feed(
            from: "relay",
            to: "leaf-2",
            at: [place],
            numbers: Array(numbers.dropFirst(3).dropLast(20))
        )
        var verdict = lab.verdict()
        verdict.plan = Self.hostile
        for index in verdict.receivers.indices { verdict.receivers[index].name += Self.hostile }
        for index in verdict.receivers.indices {
            verdict.receivers[index].parent = verdict.receivers[index].parent.map {
                $0 + Self.hostile
            }
        }
        for index in verdict.hops.indices {
            verdict.hops[index].from += Self.hostile
            verdict.hops[index].to += Self.hostile
        }
        verdict.reasons.append(Verdict.Reason(.failure, "x", Self.hostile))
        var stream = StreamReport(
            capture: 0,
            interface: 0,
            transport: .epgm,
            source: IPAddress(v4: 1),
            group: IPAddress(v4: 2),
            session: .init(globalSourceID: 1, sourcePort: 2),
            destinationPort: 3,
            firstNanoseconds: 0,
            lastNanoseconds: 9
        )
        stream.timeline.add(at: 1_000_000) {
            $0.odata = 5; $0.byteCount = 500; $0.nak = 1
        }
        stream.timeline.add(at: 9_000_000) {
            $0.rdata = 5; $0.missing = 2
        }
        stream.repairSummary.nakToRDATA.record(1_000)
        stream.repairSummary.nakToRDATA.record(9_000_000_000)
        return InspectionReport(
            captures: [CaptureReport(name: Self.hostile, node: Self.hostile, format: Self.hostile)],
            streams: [stream],
            sessions: lab.table.reports,
            findings: [
                Finding(.problem, "code", subject: Self.hostile, text: Self.hostile)
            ],
            verdict: verdict
        )
    }

    @Test func `hostile names stay text`() {
        let page = HTMLReport.render(hostileReport())
        #expect(!page.contains("<script"))
        #expect(page.contains("&lt;script&gt;"))
        #expect(!page.unicodeScalars.contains("\u{1B}"))
        #expect(!page.unicodeScalars.contains("\u{202E}"))
        #expect(!page.contains("\"'&"))
    }

    @Test func `nothing is loaded from elsewhere`() {
        let page = HTMLReport.render(hostileReport())
        for loader in ["http://", "https://", " src=", "@import", "url(", "<link", "<iframe"] {
            #expect(!page.contains(loader), "\(loader)")
        }
        #expect(page.hasPrefix("<!doctype html>"))
    }

    @Test func `elements are closed`() {
        let page = HTMLReport.render(hostileReport())
        for name in [
            "div", "table", "tr", "td", "svg", "g", "text", "section", "p", "li", "ol", "ul",
            "span",
        ] {
            #expect(
                page.count(of: "<\(name)>") + page.count(of: "<\(name) ")
                    == page.count(of: "</\(name)>"),
                "\(name)"
            )
        }
    }

    @Test func `an empty report is a page too`() {
        let page = HTMLReport.render(InspectionReport())
        #expect(page.contains("Nothing found"))
    }

    @Test func `a deep chain is drawn without recursion`() {
        var verdict = Verdict()
        for index in 0..<20_000 {
            var receiver = Verdict.Receiver()
            receiver.name = "n\(index)"
            receiver.parent = index == 0 ? nil : "n\(index - 1)"
            verdict.receivers.append(receiver)
        }
        var markup = Markup()
        TreeFigure(verdict, tree: nil).write(to: &markup)
        #expect(markup.text.hasSuffix("</svg></div>\n"))
    }
}

extension String {
    fileprivate func count(of part: String) -> Int {
        var count = 0
        var rest = self[...]
        while let range = rest.firstRange(of: part) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
