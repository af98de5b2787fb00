import Foundation
import Routing
import RouterNode
import Testing

/// The lines between a supervisor and its nodes.
@Suite struct ArbiterLineTests {
    @Test(arguments: [
        ArbiterRequest.takeIn("s", epoch: 7), .takeOut("s", epoch: .max),
        .office(after: 8, service: ["a", "ü\n"]),
    ])
    func `a request is read as it was written`(request: ArbiterRequest) throws {
        let line = try JSONEncoder().encode(ArbiterLine.Request(request, of: "t"))
        #expect(!line.contains(UInt8(ascii: "\n")))
        let read = try JSONDecoder().decode(ArbiterLine.Request.self, from: line).request
        #expect(read?.tree == "t")
        #expect(read?.request == request)
    }

    @Test func `news are read as they were written`() throws {
        let naming = Naming(
            root: LinkRoot(node: "r", epoch: 1_764_500_000),
            service: ["s"],
            dead: ["d"],
            formerRoots: ["f"]
        )
        let all: [ArbiterNews] = [
            .named(naming), .takenIn("s"), .takenOut("s"), .office(naming), .office(nil),
            .dead("d"),
        ]
        for news in all {
            let line = try JSONEncoder().encode(ArbiterLine.News(news, of: "t"))
            let read = try JSONDecoder().decode(ArbiterLine.News.self, from: line).news
            #expect(read?.tree == "t")
            #expect(read?.news == news)
        }
    }

    @Test(arguments: [
        "{}", #"{"say":"named","tree":"t"}"#, #"{"say":"taken-in","tree":"t"}"#,
        #"{"say":"dance","tree":"t","node":"n"}"#, #"{"say":"named","root":"r","epoch":1}"#,
    ])
    func `what says nothing of a tree is no news`(line: String) {
        let news = try? JSONDecoder().decode(ArbiterLine.News.self, from: Data(line.utf8))
        #expect(news?.news == nil)
    }
}
