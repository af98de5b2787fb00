import Foundation
import Testing

@testable import Topology
import Vocabulary

/// What is written in another format is the same topology when it is read again.
@Suite struct ConversionTests {
    private static let keeping: ImportOptions = {
        var options = ImportOptions()
        options.keepsAttributes = true
        return options
    }()

    /// The name of a file in the format.
    private static func file(_ target: TopologyWriter.Target) -> String {
        switch target {
        case .yaml: "out.yaml"
        case .graphml: "out.graphml"
        case .dot: "out.dot"
        case .containerlab: "out.clab.yml"
        case .json: "out.json"
        }
    }

    /// Without places in the file and notes, which are of the file and not of the network.
    private static func bare(_ topology: Topology) -> Topology {
        var topology = topology
        topology.notes = []
        for index in topology.nodes.indices { topology.nodes[index].position = nil }
        for index in topology.links.indices { topology.links[index].position = nil }
        for index in topology.segments.indices { topology.segments[index].position = nil }
        for index in topology.trees.indices {
            topology.trees[index].position = nil
            for item in topology.trees[index].fixedParents.indices {
                topology.trees[index].fixedParents[item].position = nil
            }
            for item in topology.trees[index].feeds.indices {
                topology.trees[index].feeds[item].position = nil
            }
            for item in topology.trees[index].sinks.indices {
                topology.trees[index].sinks[item].position = nil
            }
        }
        return topology
    }

    /// What a lab holds of a topology.
    private static func asLab(_ topology: Topology) -> Topology {
        var lab = topology
        lab.name = "out.clab"
        lab.epoch = 1
        lab.security = .none
        lab.segments = []
        lab.trees = [Topology.Tree(name: lab.name)]
        lab.attributes.network = []
        return lab
    }

    private static func check(
        _ topology: Topology,
        as target: TopologyWriter.Target,
        _ what: String,
        comparesAttributes: Bool = true
    ) throws {
        let output = TopologyWriter.output(topology, as: target)
        let copy = bare(
            try TopologyReader.read(output.text, file: Self.file(target), options: Self.keeping)
        )
        var again = copy
        var expected = bare(topology)
        if target == .containerlab {
            expected = asLab(expected)
            again = asLab(again)
            again.attributes.links = Self.withoutInterfaces(again.attributes.links)
            expected.attributes.links = Self.withoutInterfaces(expected.attributes.links)
        }
        if target == .graphml { expected = withSingleBlanks(expected) }
        if !comparesAttributes {
            again.attributes = TopologyAttributes()
            expected.attributes = TopologyAttributes()
        }
        #expect(again.nodes == expected.nodes, "\(what) as \(target): nodes")
        #expect(again.links == expected.links, "\(what) as \(target): links")
        #expect(again.trees == expected.trees, "\(what) as \(target): trees")
        #expect(again.segments == expected.segments, "\(what) as \(target): segments")
        #expect(again.attributes == expected.attributes, "\(what) as \(target): attributes")
        #expect(again == expected, "\(what) as \(target)")
        // Writing what was read gives the same bytes: there is nothing that wanders.
        if target == .graphml, expected != bare(topology) { return }
        let repeated = target == .containerlab ? bare(topology) : copy
        #expect(
            TopologyWriter.output(repeated, as: target).text == output.text,
            "\(what): \(target)"
        )
    }

    /// GraphML's readers make one of several blanks.
    private static func withSingleBlanks(_ topology: Topology) -> Topology {
        func single(_ list: [TopologyAttribute]) -> [TopologyAttribute] {
            list.map { .init(name: $0.name, text: GraphMLReader.inOneLine($0.text)) }
        }
        var topology = topology
        for index in topology.nodes.indices {
            topology.nodes[index].label = GraphMLReader.inOneLine(topology.nodes[index].label)
            topology.nodes[index].region = topology.nodes[index].region.map(GraphMLReader.inOneLine)
        }
        topology.attributes.network = single(topology.attributes.network)
        topology.attributes.nodes = topology.attributes.nodes.map(single)
        topology.attributes.links = topology.attributes.links.map(single)
        return topology
    }

    /// A lab numbers the interfaces of links that have none.
    private static func withoutInterfaces(
        _ lists: [[TopologyAttribute]]
    ) -> [[TopologyAttribute]] {
        let rest = lists.map { list in list.filter { !$0.name.hasSuffix(" interface") } }
        return rest.allSatisfy(\.isEmpty) ? [] : rest
    }

    // MARK: Our own files

    @Test(arguments: SampleTests.files, TopologyWriter.Target.allCases)
    func `our samples come back from every format`(
        file: String,
        target: TopologyWriter.Target
    ) throws {
        let topology = try TopologyReader.read(Repository.sample(file), file: file)
        try Self.check(topology, as: target, file)
    }

    /// Everything that our own format can say.
    static let everything = """
        name: all of it
        epoch: 7
        security: links
        attributes: {owner: "NOC, Oslo", ticket: 007}
        nodes:
          oslo:
            label: 'Oslo  "S" \\ <&>'
            publishers: {bind: "tcp://*:6001", advertise: "tcp://203.0.113.10:6001"}
            subscribers: tcp://203.0.113.10:6002
            control: 203.0.113.10:6003
            websocket: ws://203.0.113.10:6080/tree
            max-children: 3
            uplink: 2.5Gbps
            region: north
            coordinates: [59.91, 10.75]
            weight: 200
            overflow: block
            stall: 5m
            allow: ["rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", "yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"]
            access:
              rules:
                - {user: feed, publish: all, subscribe: [market., "a: b"]}
                - {address: [10.0.0.0/8, 192.0.2.7], relay: yes, subscribe: all}
              default: {subscribe: news.}
            attributes: {Internal: "1", note: "two words: a colon", "odd name": "#"}
          "no": {allow: any}
          "a/b: c": {coordinates: [-33.9, 151.2], stall: never}
          tromso: {weight: 0, attributes: {Internal: "0"}}
        links:
          - {between: [oslo, "no"], delay: 4.5ms, bandwidth: 10Gbps, cost: 3, attributes: {LinkLabel: "10-20Gbps"}}
          - [oslo, "a/b: c"]
          - {between: ["no", tromso], delay: 0.123456789ms, bandwidth: 1234567.5bps}
          - ["a/b: c", tromso, 0]
        segments:
          - name: lab 1
            group: "239.192.1.1:7500"
            groups: {"news, all": "239.192.1.3:7600"}
            interface: eth1
            interfaces: {"no": eth0, oslo: 10.0.7.5}
            members: [oslo, "no", tromso]
            multicast: always
            transport: pgm
            subscribers: 40
            rate: 200Mbps
        trees:
          - name: markets
            root: oslo
            topics: [market., "tab\\there", "  two"]
            fan-out: 3
            objective: cost
            delay-bound: 80ms
            mode: mesh
            rate: 5Mbps
            hop-delay: 100us
            overflow: drop-oldest
            stall: 30s
            access: {default: {publish: all}}
            parents: {"no": oslo}
            feeds: {oslo: ["tcp://10.0.0.5:5556", "epgm://eth1;239.192.9.1:7600"], "no": "ipc:///run/quotes"}
            sinks: {tromso: "tcp://10.0.0.9:5557"}
          - {name: "news, all", topics: news., fan-out: unlimited, objective: mean, delay-bound: 1.5, mode: link}
        """

    @Test(arguments: TopologyWriter.Target.allCases)
    func `all that our own format can say comes back`(target: TopologyWriter.Target) throws {
        let topology = try TopologyReader.read(Self.everything, file: "all.yaml")
        try Self.check(topology, as: target, "everything")
    }

    @Test func `what a lab has no place for is told by name`() throws {
        let topology = try TopologyReader.read(Self.everything, file: "all.yaml")
        let notes = TopologyWriter.output(topology, as: .containerlab).notes
        let lost = try #require(notes.first { $0.hasPrefix("a lab has no place for ") })
        for word in [
            "2 trees (\"markets\", \"news, all\")", "1 segment (\"lab 1\")", "the epoch",
            "the security", "2 attributes of the network (\"owner\", \"ticket\")",
        ] {
            #expect(lost.contains(word), "\(lost)")
        }
        #expect(notes.contains { $0.contains("1 node named anew") && $0.contains("\"a/b: c\"") })
    }

    @Test func `blanks that GraphML loses are told`() throws {
        let topology = try TopologyReader.read(Self.everything, file: "all.yaml")
        #expect(
            TopologyWriter.output(topology, as: .graphml).notes == [
                "blanks side by side become one in 1 text"
            ]
        )
    }

    @Test(arguments: TopologyWriter.Target.allCases)
    func `random topologies come back`(target: TopologyWriter.Target) throws {
        for seed in 0..<150 {
            var random = SplitMix64(state: UInt64(seed))
            let topology = RandomTopology.make(&random)
            try topology.validate(file: "seed \(seed)")
            try Self.check(topology, as: target, "seed \(seed)")
        }
    }

    // MARK: Files of others

    static let files = [
        "zoo/Abilene.graphml", "zoo/Geant2012.gml", "zoo/Garr201201.graphml", "zoo/Kdl.gml",
        "sndlib/abilene.xml", "sndlib/zib54.native.txt", "sndlib/germany50.native.txt",
        "rocketfuel/1221.latencies.intra", "rocketfuel/1239.weights.intra",
        "rocketfuel/7018.r0.cch", "aslevel/snap-as-caida20070917.txt",
    ]

    @Test(.enabled(if: Repository.hasShared), arguments: files, TopologyWriter.Target.allCases)
    func `real networks come back from every format`(
        file: String,
        target: TopologyWriter.Target
    ) throws {
        let topology = try TopologyReader.read(
            Repository.shared(file),
            file: file,
            options: Self.keeping
        )
        let output = TopologyWriter.output(topology, as: target)
        // 18,203 links are more YAML than is read in a lab.
        guard !output.notes.contains(where: { $0.contains("more than are read again") }) else {
            #expect(target == .containerlab && output.text.utf8.count > 4 << 20)
            return
        }
        let isRenamed = output.notes.contains { $0.contains("renamed") }
        try Self.check(topology, as: target, file, comparesAttributes: !isRenamed)
    }

    @Test(.enabled(if: Repository.hasShared))
    func `a file's own attributes are kept but for those that were taken`() throws {
        let topology = try TopologyReader.read(
            Repository.shared("zoo/Geant2012.graphml"),
            file: "Geant2012.graphml",
            options: Self.keeping
        )
        let names = Set(topology.attributes.nodes.joined().map(\.name))
        #expect(names.isSuperset(of: ["Internal", "id"]))
        #expect(names.isDisjoint(with: ["label", "Latitude", "Longitude", "Country"]))
        let links = Set(topology.attributes.links.joined().map(\.name))
        #expect(links.contains("LinkLabel") && !links.contains("LinkSpeedRaw"))
        #expect(topology.attributes.network.contains { $0.name == "Network" })
        // Without the wish nothing of it is held.
        let plain = try TopologyReader.read(
            Repository.shared("zoo/Geant2012.graphml"),
            file: "Geant2012.graphml"
        )
        #expect(plain.attributes.isEmpty)
    }

    // MARK: Small things

    @Test func `an attribute that would be read for something else is renamed`() throws {
        let text = """
            graph [ node [ id 0 lat 59.9 lon 10.7 country "NO" ] node [ id 1 ]
            edge [ source 0 target 1 rtt 8 delay "x" ] ]
            """
        var options = ImportOptions(delayKey: "rtt", latitudeKey: "none", longitudeKey: "none")
        options.keepsAttributes = true
        let topology = try TopologyReader.read(text, file: "x.gml", options: options)
        let output = TopologyWriter.output(topology, as: .json)
        #expect(
            output.notes == [
                "3 attributes renamed to \"original …\", as it would be read for something else: "
                    + "\"lat\", \"lon\", \"delay\""
            ]
        )
        let again = try TopologyReader.read(output.text, file: "x.json")
        #expect(again.nodes.allSatisfy { $0.coordinates == nil })
        #expect(again.nodes.map(\.region) == ["NO", nil])
        #expect(again.links.map(\.delayMilliseconds) == topology.links.map(\.delayMilliseconds))
    }

    @Test func `a table's other columns are attributes of its links`() throws {
        let table = "from,to,ms,owner\na,b,4,NOC\nb,a,4,x\nb,c,5,\n"
        let topology = try TopologyReader.read(table, file: "x.csv", options: Self.keeping)
        #expect(
            topology.attributes.links == [[TopologyAttribute(name: "owner", text: "NOC")], []]
        )
        #expect(topology.attributes.nodes.isEmpty)
    }

    @Test func `the interfaces of a lab stay`() throws {
        let lab = """
            name: lab
            topology:
              nodes: {a: {kind: linux, image: frr}, b: {kind: linux}, c: {}}
              links:
                - endpoints: ["a:eth7", "b:eth1"]
                - endpoints: ["b:eth2", "c:e1-1"]
            """
        let topology = try TopologyReader.read(lab, file: "lab.yaml", options: Self.keeping)
        let text = TopologyWriter.output(topology, as: .containerlab).text
        #expect(text.contains("endpoints: [\"a:eth7\", \"b:eth1\"]"))
        #expect(text.contains("endpoints: [\"b:eth2\", \"c:e1-1\"]"))
        #expect(text.contains("image: frr"))
    }

    @Test func `a wrong setting in another tool's file is told with its node`() {
        let text = """
            graph { xylem="{trees: [{name: t, root: nobody}]}";
              a [xylem="{max-children: -1, colour: red}"];
              a -- b [delay=1] }
            """
        do throws(TopologyError) {
            _ = try TopologyReader.read(text, file: "x.dot")
            Issue.record("accepted")
        } catch {
            let lines = error.description.split(separator: "\n")
            #expect(
                lines.contains {
                    $0.hasPrefix(
                        "x.dot:2:3: the attribute xylem of node \"a\": unknown key \"colour\""
                    )
                },
                "\(error)"
            )
            #expect(lines.contains { $0.contains("max-children") })
            #expect(
                lines.contains {
                    $0.contains("the attribute xylem of the graph: unknown node \"nobody\"")
                }
            )
        }
    }
}
