import Foundation
import Testing

@testable import Topology

/// What the names of keys and columns say.
@Suite struct KeyNameTests {
    @Test(arguments: [
        ("delay", KeyName.EdgeRole.delay, DelayUnit?.none),
        ("Link_Delay (ms)", .delay, .milliseconds),
        ("latencyMs", .delay, .milliseconds), ("latencyus", .delay, .microseconds),
        ("avg. one-way latency [s]", .delay, .seconds), ("avgDelay", .delay, nil),
        ("avglatency", .delay, nil), ("ms", .delay, .milliseconds),
        ("Latenz in ms", .delay, .milliseconds),
        ("time (ms)", .delay, .milliseconds), ("travel_time_us", .delay, .microseconds),
        ("rtt_ns", .roundTrip, .nanoseconds), ("Round-Trip Time", .roundTrip, nil),
        ("cable length, km", .length, .kilometres), ("distancekm", .length, .kilometres),
        ("miles", .length, .miles), ("Weight", .weight, nil), ("e_weight", .weight, nil),
        ("Edge Label", .caption, nil), ("LinkSpeedRaw", .bandwidth, nil),
        ("Bandwidth (Mbit/s)", .bandwidth, nil), ("capacity_gbps", .bandwidth, nil),
        ("cost", .cost, nil),
    ])
    func namesOfLinks(name: String, role: KeyName.EdgeRole, unit: DelayUnit?) {
        let key = KeyName(name)
        #expect(KeyName.EdgeRole.allCases.filter { key.rank(as: $0) != nil } == [role])
        #expect(key.delayUnit == unit)
    }

    @Test func unitsOfBandwidths() {
        #expect(KeyName("Bandwidth (Mbit/s)").bandwidthUnit == 1e6)
        #expect(KeyName("capacity_gbps").bandwidthUnit == 1e9)
        #expect(KeyName("LinkSpeedRaw").bandwidthUnit == 1)
        #expect(KeyName("LinkSpeed").bandwidthUnit == nil)
    }

    @Test(arguments: [
        "id", "key", "LinkNote", "interaction", "s", "m", "color", "Edge Id", "timeset", "max", "",
        "type", "x", "graphics.x", "Relationship", "delayed", "time", "metric", "jitter_ms",
        "capacityless",
    ])
    func namesThatSayNothing(name: String) {
        #expect(!KeyName(name).isOfEdges)
    }

    /// The list of the documentation is the list of the code.
    @Test func everyNameIsDocumented() throws {
        let page = try String(
            contentsOf: Repository.root.appending(path: "docs/topology-format.md"),
            encoding: .utf8
        )
        let documented = Set(page.split(separator: "`").map { KeyName(String($0)).folded })
        let names =
            KeyName.NodeRole.allCases.flatMap { KeyName.nodeNames[$0] ?? [] }
            + KeyName.EdgeRole.allCases.flatMap { KeyName.edgeNames[$0] ?? [] }
            + KeyName.timedNames
        for name in names { #expect(documented.contains(name), "\(name) is not documented") }
    }
}

/// What a user tells, and what the reader says then.
@Suite struct ImportOptionsTests {
    private static let graph = """
        <graphml><key id="d1" for="edge" attr.name="metric"/><key id="d2" for="edge" attr.name="delay"/>
        <key id="n1" for="node" attr.name="label"/><key id="n2" for="node" attr.name="Hostname"/>
        <key id="n3" for="node" attr.name="north"/><key id="n4" for="node" attr.name="east"/>
        <graph><node id="a"><data key="n1">A</data><data key="n2">a.example</data>
        <data key="n3">59.91</data><data key="n4">10.75</data></node><node id="b"/>
        <edge source="a" target="b"><data key="d1">200</data><data key="d2">3</data></edge></graph></graphml>
        """

    private func delay(_ text: String, _ file: String, _ options: ImportOptions) throws -> Double? {
        try TopologyReader.read(text, file: file, options: options).links.first?.delayMilliseconds
    }

    private func refusal(_ text: String, _ file: String, _ options: ImportOptions) -> String {
        do throws(TopologyError) {
            _ = try TopologyReader.read(text, file: file, options: options)
            return "accepted"
        } catch {
            return error.description
        }
    }

    @Test func theDelayIsTheOneThatIsTold() throws {
        #expect(try delay(Self.graph, "x.graphml", ImportOptions()) == 3)
        #expect(try delay(Self.graph, "x.graphml", ImportOptions(delayKey: "metric")) == 200)
        #expect(try delay(Self.graph, "x.graphml", ImportOptions(delayKey: "METRIC")) == 200)
        #expect(try delay(Self.graph, "x.graphml", ImportOptions(delayKey: "d1")) == 200)
        let kilometres = ImportOptions(delayKey: "metric", delayUnit: .kilometres)
        #expect(try delay(Self.graph, "x.graphml", kilometres) == 1)
        #expect(
            try delay(Self.graph, "x.graphml", ImportOptions(delayUnit: .microseconds)) == 0.003
        )
        #expect(try delay(Self.graph, "x.graphml", ImportOptions(delayKey: "none")) == 1)
    }

    @Test func namesAndPlacesAreThoseThatAreTold() throws {
        let options = ImportOptions(
            labelKey: "hostname",
            latitudeKey: "north",
            longitudeKey: "east"
        )
        let node = try TopologyReader.read(Self.graph, file: "x.graphml", options: options).nodes[0]
        #expect(node.label == "a.example")
        #expect(node.coordinates == .init(latitude: 59.91, longitude: 10.75))
        let none = ImportOptions(labelKey: "none")
        #expect(
            try TopologyReader.read(Self.graph, file: "x.graphml", options: none).nodes[0].label
                == "a"
        )
    }

    @Test func columnsAreToldByNameOrNumber() throws {
        let table = "from,to,metric,delay\na,b,200,3\n"
        #expect(try delay(table, "x.csv", ImportOptions(delayKey: "metric")) == 200)
        #expect(try delay(table, "x.csv", ImportOptions(delayKey: "3")) == 200)
        #expect(try delay("a b x 7\n", "x.txt", ImportOptions(delayKey: "4")) == 7)
        #expect(try delay("a b 7\n", "x.txt", ImportOptions(delayUnit: .microseconds)) == 0.007)
        #expect(try delay("a b 7\n", "x.txt", ImportOptions(delayKey: "none")) == 1)
        let attributes = "a b {'weight': 4.0, 'ttl': 9}\n"
        #expect(try delay(attributes, "x.edgelist", ImportOptions(delayKey: "ttl")) == 9)
        let gml = "graph [ node [ id 1 ] node [ id 2 ] edge [ source 1 target 2 a [ b 5 ] ] ]"
        #expect(try delay(gml, "x.gml", ImportOptions(delayKey: "a.b")) == 5)
    }

    @Test func whatIsNotThereIsRefusedWithWhatIs() {
        #expect(
            refusal(Self.graph, "x.graphml", ImportOptions(delayKey: "ms"))
                == "x.graphml: --delay-key: no edge of this file has the key \"ms\"; "
                + "edges have \"metric\", \"delay\""
        )
        #expect(
            refusal("from,to,x\na,b,3\n", "x.csv", ImportOptions(delayKey: "y"))
                == "x.csv:1:1: --delay-key: there is no column \"y\"; the columns are \"from\", \"to\", \"x\""
        )
        #expect(
            refusal("a b 3\n", "x.txt", ImportOptions(delayKey: "y"))
                == "x.txt:1:1: --delay-key: this table has no heading with the column \"y\"; "
                + "give the number of the column, such as 3"
        )
        #expect(
            refusal("a b 3\n", "x.txt", ImportOptions(labelKey: "y"))
                == "x.txt: --label-key: a list of links has no attributes of nodes"
        )
        #expect(
            refusal("nodes: [a]\n", "x.yaml", ImportOptions(delayKey: "y")).hasPrefix(
                "x.yaml: this is Xylem's own format"
            )
        )
    }
}

/// Bytes that are not UTF-8.
@Suite struct TextEncodingTests {
    private static let table = "Source;Target;Delay\r\nZürich;Köln – West;4,5\r\n"

    @Test(arguments: [
        ("UTF-8", [UInt8](table.utf8)),
        ("UTF-8 with mark", [0xEF, 0xBB, 0xBF] + Array(table.utf8)),
        ("UTF-16 LE with mark", [0xFF, 0xFE] + utf16(table, isLittleEndian: true)),
        ("UTF-16 BE with mark", [0xFE, 0xFF] + utf16(table, isLittleEndian: false)),
        ("UTF-16 LE", utf16("Source;Target;Delay\nZurich;Koln - West;4,5\n", isLittleEndian: true)),
        (
            "UTF-16 BE",
            utf16("Source;Target;Delay\nZurich;Koln - West;4,5\n", isLittleEndian: false)
        ),
        ("Windows-1252", windows1252(table)),
        ("old Macintosh lines", windows1252(table.replacing("\r\n", with: "\r"))),
    ])
    func tables(name: String, bytes: [UInt8]) throws {
        let topology = try TopologyReader.read(bytes, file: "x.csv")
        let isPlain = topology.nodes[0].id == "Zurich"
        #expect(
            topology.nodes.map(\.id)
                == (isPlain ? ["Zurich", "Koln - West"] : ["Zürich", "Köln – West"])
        )
        #expect(topology.links.map(\.delayMilliseconds) == [4.5])
        let isTold = topology.notes.contains {
            $0 == "the file is not UTF-8 and was read as Windows-1252 (Latin-1)"
        }
        #expect(isTold == (name.hasPrefix("Windows") || name.hasPrefix("old")))
    }

    @Test func xmlSaysItsEncoding() throws {
        let text =
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><graphml><graph><node id=\"Köln\"/></graph></graphml>"
        #expect(
            try TopologyReader.read(Self.windows1252(text), file: "x.graphml").nodes[0].id == "Köln"
        )
    }

    @Test func damagedUTF8IsNotGuessed() {
        #expect(TextEncoding(of: Array("Köln".utf8) + [0xFF]) == .utf8)
        #expect(TextEncoding(of: Array("Koln".utf8) + [0xC3]) == .utf8)
        #expect(
            TextEncoding(of: Array("K".utf8) + [0xF6] + Array("ln".utf8))
                == .windows1252(isDeclared: false)
        )
        #expect(TextEncoding(of: []) == .utf8)
    }

    private static func utf16(_ text: String, isLittleEndian: Bool) -> [UInt8] {
        text.utf16.flatMap { unit in
            let bytes = [UInt8(unit & 0xFF), UInt8(unit >> 8)]
            return isLittleEndian ? bytes : bytes.reversed()
        }
    }

    private static func windows1252(_ text: String) -> [UInt8] {
        text.unicodeScalars.map { $0 == "–" ? 0x96 : UInt8(truncatingIfNeeded: $0.value) }
    }
}
