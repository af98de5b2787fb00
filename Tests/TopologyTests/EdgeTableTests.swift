import Testing

@testable import Topology

/// What is read piece by piece is what `TopologyReader` reads of the whole file, or it is left to that.
@Suite struct EdgeTableTests {
    private func table(_ text: String, file: String, pieceByteCount: Int = 7) -> EdgeTable? {
        // A head of few lines, so that most of the text comes in pieces after it.
        var reader = EdgeTableReader(file: file, headByteCount: 64)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieceByteCount) {
            let piece = bytes[start..<min(bytes.count, start + pieceByteCount)]
            piece.withUnsafeBytes { reader.read($0) }
        }
        return reader.finish()
    }

    /// Ids and links, whatever the order in which parallel links are merged.
    private func outline(_ topology: Topology) -> [String] {
        topology.nodes.map(\.id)
            + topology.links.map {
                let ends = [topology.nodes[$0.a].id, topology.nodes[$0.b].id].sorted()
                return "\(ends[0]) \(ends[1]) \($0.delayMilliseconds)"
            }.sorted()
    }

    private func expectSame(_ text: String, file: String) throws {
        let whole = try TopologyReader.read(text, file: file)
        for pieceByteCount in [1, 7, 64, 100_000] {
            let table = try #require(
                self.table(text, file: file, pieceByteCount: pieceByteCount)
            )
            #expect(outline(table.topology()) == outline(whole), "pieces of \(pieceByteCount)")
            #expect(table.notes == whole.notes, "pieces of \(pieceByteCount)")
            #expect(table.name == whole.name)
        }
    }

    @Test(arguments: [
        ("a.txt", "oslo bergen 4\nbergen voss 1.25\n\n# a comment\nvoss oslo 0.001\n"),
        ("a.txt", "1 2\n2 3\n3 3\n3 1"),
        ("a.edges", "7\t08\t3.5\n08\t7000000000\t2\n7\t7\t1\n"),
        ("a.csv", "source,target,delay (us)\r\na,b,4\r\nb,c,12.5\r\nc,a,1e3\r\n"),
        ("a.csv", "from;to;name;rtt\nä ö;b;x;4\nb;c d;y;5\n"),
        ("a.tsv", "source\ttarget\tkm\n1\t2\t200\n2\t3\t50.5\n"),
    ])
    func `tables are read alike in pieces and as a whole`(file: String, text: String) throws {
        try expectSame(text, file: file)
        // The same rows under other names, until there is more of them than of the head.
        let separator: Character = ["\t", ";", ","].first { text.contains($0) } ?? " "
        let fieldCount =
            text.split(whereSeparator: \.isNewline).first?.split(separator: separator).count ?? 0
        var long = text.hasSuffix("\n") ? text : text + "\n"
        var last =
            text.contains("ä")
            ? "b" : text.contains("oslo") ? "oslo" : text.contains("a,") ? "a" : "2"
        if text.contains("08") { last = "7" }
        for row in 0..<40 {
            var fields = [last, "x\(row)"]
            while fields.count < fieldCount { fields.append("\(row + 1)") }
            long += fields.joined(separator: String(separator)) + "\n"
            last = "x\(row)"
        }
        try expectSame(long, file: file)
    }

    @Test func `GraphML as programs write it is read alike in pieces and as a whole`() throws {
        for weightName in ["weight", "delay", "latency_us"] {
            var text = """
                <?xml version='1.0' encoding='utf-8'?>
                <!-- made by a program -->
                <graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
                  <key id="d1" for="node" attr.name="colour" attr.type="string" />
                  <key id="d0" for="edge" attr.name="\(weightName)" attr.type="double"/>
                  <graph edgedefault="undirected">

                """
            for node in 0..<30 {
                text +=
                    node % 3 == 0
                    ? "    <node id=\"n\(node)\" />\n"
                    : "    <node id=\"n\(node)\">\n<data key=\"d1\">red</data></node>\n"
            }
            for node in 1..<30 {
                text +=
                    "<edge source=\"n\(node - 1)\" target=\"n\(node)\"><data key=\"d0\">\(node).5</data>\n</edge>\n"
            }
            text += "<edge source=\"n3\" target=\"n3\"><data key=\"d0\">1</data></edge>\n"
            try expectSame(text + "</graph></graphml>\n", file: "g.graphml")
        }
    }

    @Test func `GML as programs write it is read alike in pieces and as a whole`() throws {
        for key in ["delay", "weight", "colour"] {
            var text = "Creator \"a program\"\nVersion 1\ngraph [\n  directed 0\n"
            for node in 0..<30 {
                text += "  node [\n    id \(node)\n    value \"site \(node)\"\n  ]\n"
            }
            for node in 1..<30 {
                text +=
                    "  edge [\n    source \(node - 1)\n    target \(node)\n    \(key) \(node).25\n  ]\n"
            }
            let whole = try TopologyReader.read(text + "]\n", file: "g.gml")
            if key == "colour" { #expect(whole.links.allSatisfy { $0.delayMilliseconds == 1 }) }
            try expectSame(text + "]\n", file: "g.gml")
        }
    }

    @Test(arguments: [
        ("a.txt", "oslo bergen 4\nvoss flam 2\n"),
        ("a.txt", "oslo bergen 4\nbergen oslo -1\n"),
        ("a.txt", "oslo bergen 4\nbergen\n"),
        ("a.csv", "source,target,delay\n\"a, b\",c,4\n"),
        ("a.txt", "a b {'weight': 4}\n"),
        ("a.txt", "a b 4 # four\n"),
        ("a.txt", "a b 4,5\n"),
        ("a.graphml", "<graphml><graph><node id=\"a\"/><node id=\"a\"/></graph></graphml>"),
        ("a.graphml", "<graphml><graph><node id=\"a&amp;b\"/></graph></graphml>"),
        (
            "a.graphml",
            "<graphml><graph><node id=\"a\"/><edge source=\"a\" target=\"b\"/></graph></graphml>"
        ),
        ("a.gml", "graph [ node [ id 0 graphics [ x 1 ] ] ]"),
        ("a.gml", "graph [ node [ id 0 Latitude 3 ] node [ id 1 ] edge [ source 0 target 1 ] ]"),
        ("a.yaml", "nodes: [a, b]\nlinks: [{a: a, b: b}]\n"),
        ("a.txt", ""),
    ])
    func `what is not plain is left to the reader that explains it`(file: String, text: String) {
        #expect(table(text, file: file) == nil)
        #expect(table(text, file: file, pieceByteCount: 1000) == nil)
    }

    @Test func `files that are cut off or damaged never crash and never differ`() throws {
        let text = """
            <graphml><key id="d0" for="edge" attr.name="delay" attr.type="double"/><graph>
            <node id="a"/><node id="b"/><edge source="a" target="b"><data key="d0">4</data></edge></graph></graphml>
            """
        let list = "graph [ node [ id 0 ] node [ id 1 ] edge [ source 0 target 1 delay 2 ] ]"
        let rows = "source,target,delay\na,b,4\nb,c,5\n"
        for (file, text) in [("a.graphml", text), ("a.gml", list), ("a.csv", rows)] {
            let bytes = Array(text.utf8)
            for end in 0...bytes.count {
                for damaged: UInt8? in [nil, 0, 0x22, 0x3C, 0x5B, 0xC3] {
                    var piece = Array(bytes[..<end])
                    if let damaged, end > 0 { piece[end / 2] = damaged }
                    var reader = EdgeTableReader(file: file)
                    piece.withUnsafeBytes { reader.read($0) }
                    guard let table = reader.finish() else { continue }
                    let whole = try TopologyReader.read(piece, file: file)
                    #expect(outline(table.topology()) == outline(whole), "\(file) \(end)")
                }
            }
        }
    }

    @Test func `names keep their numbers whatever they look like`() {
        let names = ["1", "01", "007", "7", "x", "", "8388607", "8388608", "9999999999", "ø", "1 "]
        let table = NameTable(names)
        #expect(table.count == names.count)
        for (index, name) in names.enumerated() {
            #expect(table[index] == name)
            #expect(table.index(of: name) == index)
        }
        #expect(table.index(of: "2") == nil)
        #expect(table.index(of: "y") == nil)
        let many = (0..<5000).map { "site-\($0 * 7919 % 5000)" }
        let large = NameTable(many)
        #expect(many.indices.allSatisfy { large.index(of: many[$0]) == $0 })
        #expect(NameTable(many + many) == large)
    }
}
