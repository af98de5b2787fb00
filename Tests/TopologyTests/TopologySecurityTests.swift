import Testing
import Vocabulary

@testable import Topology

/// `security`, `allow`, `access` and `websocket` in a topology file.
@Suite struct TopologySecurityTests {
    private static let key = String(repeating: "k", count: 40)

    private static func read(_ text: String) throws -> Topology {
        try TopologyReader.read(Array(text.utf8), file: "t.yaml")
    }

    @Test func `each is read where it belongs`() throws {
        let topology = try Self.read(
            """
            security: links
            defaults: {nodes: {allow: any}}
            nodes:
              oslo:
                allow: ["\(Self.key)"]
                access: {default: {publish: none, subscribe: all}}
              rome: {websocket: "ws://10.0.0.2:6080/tree"}
            links: [oslo/rome]
            trees:
              news:
                access:
                  rules:
                    - {key: "\(Self.key)", user: [ann, bob], address: 10.0.0.0/8, publish: [a., b.]}
                    - {user: relay, relay: yes}
            """
        )
        #expect(topology.security == .links)
        #expect(topology.nodes.map(\.allow) == [.keys([Self.key]), .any])
        #expect(topology.nodes[0].access == AccessList(otherwise: .init(subscribe: [""])))
        #expect(topology.nodes[1].websocket == "ws://10.0.0.2:6080/tree")
        let block = try #require(AddressBlock("10.0.0.0/8"))
        #expect(
            topology.trees[0].access
                == AccessList(rules: [
                    .init(
                        keys: [Self.key],
                        users: ["ann", "bob"],
                        addresses: [block],
                        permission: .init(publish: ["a.", "b."])
                    ),
                    .init(users: ["relay"], mayBeRelay: true),
                ])
        )
    }

    @Test(arguments: [
        ("security: most", "\"most\" is not known"),
        ("nodes: {a: {allow: [short]}}", "is no public key"),
        ("nodes: {a: {access: {rules: [{subscribe: all}]}}}", "this rule is for nobody"),
        ("nodes: {a: {access: {rules: [{user: x, relay: maybe}]}}}", "must be yes or no"),
        ("nodes: {a: {access: {rules: [{address: 10.0.0.1/8}]}}}", "no address or network"),
        ("nodes: {a: {access: {rule: []}}}", "unknown key \"rule\""),
        ("nodes: {a: {websocket: \"tcp://10.0.0.1:1\"}}", "is no WebSocket endpoint"),
        ("nodes: {a: {websocket: \"ws://10.0.0.1\"}}", "has no port"),
    ])
    func `mistakes are said with their line`(text: String, expected: String) throws {
        let error = #expect(throws: TopologyError.self) {
            try Self.read(text.contains("nodes") ? text : text + "\nnodes: [a]")
        }
        #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
        #expect(error?.position?.line == 1)
    }
}
