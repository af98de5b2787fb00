import Testing

@testable import Topology

@Suite struct ReaderTests {
    private func refusal(_ bytes: [UInt8], file: String) -> String {
        do throws(TopologyError) {
            return "accepted: \(try TopologyReader.read(bytes, file: file).name)"
        } catch {
            return error.description
        }
    }

    // MARK: Bytes that are no text

    @Test func invalidUTF8IsPlaced() {
        #expect(
            refusal(Array("nodes:\n  é".utf8) + [0xFF] + Array("\n".utf8), file: "x.yaml")
                == "x.yaml:2:4: not valid UTF-8; save the file as UTF-8"
        )
        #expect(
            refusal(Array("a b".utf8) + [0xC3], file: "x.txt")
                == "x.txt:1:4: not valid UTF-8; save the file as UTF-8"
        )
    }

    @Test func binaryIsRefused() {
        #expect(
            refusal([0x7F, 0x45, 0x4C, 0x46], file: "x.yaml")
                == "x.yaml:1:1: control character 0x7F: this is not a text file"
        )
        #expect(
            refusal(Array("a\nb\0".utf8), file: "x.txt")
                == "x.txt:2:2: control character 0x00: this is not a text file"
        )
        #expect(
            refusal([0xFF, 0xFE, 0x61, 0x00], file: "x.graphml")
                == "x.graphml:1:1: expected < here; this is not XML"
        )
    }

    @Test func byteOrderMarkAndCarriageReturnsAreText() throws {
        let bytes = [0xEF, 0xBB, 0xBF] + Array("nodes: [a, b]\r\nlinks: [[a, b]]\r\n".utf8)
        #expect(try TopologyReader.read(bytes, file: "x.yaml").nodes.map(\.id) == ["a", "b"])
        #expect(try TopologyReader.read("a b 1\r\nb c 2\r\n", file: "x.txt").nodes.count == 3)
    }

    /// YAML forbids more than control characters: U+FFFE, C1.
    @Test func charactersThatYAMLForbids() {
        #expect(
            refusal(Array("nodes: [a]\nname: \u{FFFE}\n".utf8), file: "x.yaml")
                == "x.yaml:2:7: not valid YAML: control characters are not allowed"
        )
    }

    // MARK: Bounds

    @Test(arguments: ["x.yaml", "x.graphml", "x.txt", "x"])
    func fiftyMegabytesOfJunk(file: String) {
        let junk = [UInt8](repeating: UInt8(ascii: "x"), count: 50 << 20)
        #expect(
            refusal(junk, file: file).hasPrefix("\(file): the file has 52428800 bytes; at most")
        )
    }

    @Test func junkBelowTheBoundIsRefusedAtItsStart() {
        let line = Array("7qp3 ;; zx lorem ipsum\n".utf8)
        let junk = Array(repeatElement(line, count: 100_000).joined())
        #expect(refusal(junk, file: "x.txt").hasPrefix("x.txt:1:1: expected two node ids"))
        #expect(refusal(junk, file: "x.graphml").hasPrefix("x.graphml:1:1: expected <"))
    }

    @Test(arguments: ["[", "{a: ", "- ", "? ", "[{a: "])
    func deepYAMLIsRefused(opening: String) {
        let text = String(repeating: opening, count: 20_000)
        #expect(refusal(Array(text.utf8), file: "x.yaml").contains("not valid YAML"))
    }

    @Test func aliasesAsKeysAreBounded() {
        // Nine levels of a mapping whose keys are aliases: hashing them would take 9⁹ steps.
        var text = "a0: &a0 {x: y}\n"
        for level in 1...9 {
            let keys = (0..<9).map { "? [*a\(level - 1), \($0)]\n  : z" }.joined(separator: "\n  ")
            text += "a\(level): &a\(level)\n  \(keys)\n"
        }
        #expect(refusal(Array(text.utf8), file: "x.yaml").contains("more than 8 YAML aliases"))
    }

    /// Emphasis in comments is not an alias as long as nothing is anchored.
    @Test func starsInCommentsAreNoAliases() throws {
        let comments = String(repeating: "# the *fast* one\n", count: 20)
        #expect(try TopologyReader.read(comments + "nodes: [a]\n", file: "x.yaml").nodes.count == 1)
    }

    @Test func deepXMLIsRefused() {
        let text = String(repeating: "<a>", count: 100)
        #expect(
            refusal(Array(text.utf8), file: "x.xml")
                == "x.xml:1:1: the root element is <a>, not <graphml>; of XML files only GraphML is read"
        )
        #expect(
            refusal(Array(("<graphml>" + text).utf8), file: "x.xml")
                == "x.xml:1:199: elements are nested more than 64 deep"
        )
    }

    /// A cloud of 3,000 neighbours would become 4.5 million links.
    @Test func contractionIsBounded() {
        var text = """
            <graphml><key id="la" for="node" attr.name="Latitude"/>\
            <key id="lo" for="node" attr.name="Longitude"/><graph><node id="cloud"/>
            """
        for index in 0..<3_000 {
            text += #"<node id="\#(index)"><data key="la">0</data><data key="lo">0</data></node>"#
            text += #"<edge source="\#(index)" target="cloud"/>"#
        }
        text += "</graph></graphml>"
        #expect(
            refusal(Array(text.utf8), file: "x.xml").contains("have 3000 neighbours to be joined")
        )
    }

    // MARK: Formats

    @Test(arguments: [
        ("a/b.yaml", TopologyFormat.yaml), ("B.YML", .yaml), ("x.graphml", .graphML),
        ("x.XML", .graphML),
        ("x.latencies.intra", .edgeList), ("x.csv", .edgeList), ("x.edges", .edgeList),
    ])
    func formatByName(file: String, format: TopologyFormat) {
        #expect(TopologyFormat.named(by: file) == format)
    }

    @Test(arguments: [
        ("\n <graphml/>", TopologyFormat.graphML), ("# a: b\na b 3\n", .edgeList),
        ("a b\n", .edgeList),
        ("nodes: [a]\n", .yaml), ("nodes:\n  - a\n", .yaml), ("{nodes: [a, b]}", .yaml),
        ("", .yaml),
        ("---\nnodes: [a]", .yaml), ("one two three four", .yaml),
    ])
    func formatByContent(text: String, format: TopologyFormat) {
        #expect(TopologyFormat.guessed(from: Array(text.utf8)[...]) == format)
    }

    @Test(arguments: [
        ("graph [ ]", TopologyFormat.gml), ("Creator \"x\"\n# note\ngraph\n[\n]", .gml),
        ("?SNDlib native format; type: network", .sndlib), ("NODES ( A )", .sndlib),
        ("(a, b)", .edgeList), ("[\n [\"a\", \"b\"]]", .edgeList), ("a,b", .edgeList),
        ("a\tb c", .edgeList), ("a b {}", .edgeList), ("{\"nodes\": [\"a\"]}", .yaml),
        ("\n<!-- x -->\n<g:graphml/>", .graphML),
    ])
    func formatByMoreContent(text: String, format: TopologyFormat) {
        #expect(TopologyFormat.guessed(from: Array(text.utf8)[...]) == format)
    }

    /// What a file holds counts more than its name.
    @Test(arguments: ["x.yaml", "x.txt", "x.csv", "x.graphml", "x.xml", "x"])
    func theContentCountsMoreThanTheName(file: String) throws {
        let gml = "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 ] ]"
        #expect(try TopologyReader.read(gml, file: file).nodes.count == 2)
        let graphML = "<graphml><graph><node id=\"a\"/></graph></graphml>"
        #expect(try TopologyReader.read(graphML, file: file).nodes.count == 1)
    }

    @Test func ourOwnFormatIsReadUnderOtherNames() throws {
        for text in [
            "name: x\nnodes: [a, b]\nlinks: [[a, b]]\n", "{nodes: [a, b], links: [[a, b]]}",
        ] {
            #expect(try TopologyReader.read(text, file: "x.txt").nodes.map(\.id) == ["a", "b"])
        }
    }

    @Test(
        arguments: [
            ([0x50, 0x4B, 0x03, 0x04, 0x14], "a ZIP archive"), ([0x1F, 0x8B, 0x08], "gzip"),
            ([0x28, 0xB5, 0x2F, 0xFD], "zstd"), (Array("%PDF-1.7".utf8), "a PDF"),
            ([0xD0, 0xCF, 0x11, 0xE0], "an old Excel workbook"),
        ] as [([UInt8], String)]
    )
    func filesThatAreNoTextAreNamed(bytes: [UInt8], name: String) {
        let refusal = refusal(bytes, file: "x.csv")
        #expect(refusal.hasPrefix("x.csv: this looks like ") && refusal.contains(name))
    }

    @Test func aGivenFormatWins() throws {
        #expect(
            try TopologyReader.read("a b 1\n", file: "x.yaml", format: .edgeList).links.count == 1
        )
    }
}
