import Foundation
import Testing

@testable import Topology

/// The examples of docs/topology-format.md are read as they stand there.
@Suite struct DocumentExampleTests {
    struct Example: CustomTestStringConvertible {
        let language: String
        let text: String
        let line: Int
        var testDescription: String { "line \(line), \(language)" }
    }

    static let examples: [Example] = {
        let page =
            (try? String(
                contentsOf: Repository.root.appending(path: "docs/topology-format.md"),
                encoding: .utf8
            )) ?? ""
        var examples: [Example] = []
        var begun: (language: String, lines: [Substring], line: Int)?
        for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            guard line.hasPrefix("```") else {
                begun?.lines.append(line)
                continue
            }
            if let example = begun {
                let text = example.lines.joined(separator: "\n") + "\n"
                examples.append(
                    Example(language: example.language, text: text, line: example.line)
                )
                begun = nil
            } else {
                begun = (String(line.dropFirst(3)), [], index + 2)
            }
        }
        return examples
    }()

    @Test func `there are examples of all kinds`() {
        let languages = Set(Self.examples.map(\.language))
        #expect(languages.isSuperset(of: ["yaml", "json", "dot", "pajek", ""]))
    }

    /// Lists and graphs of other tools, whole as they are.
    @Test(arguments: examples.filter { $0.language != "yaml" && $0.language != "sh" })
    func `examples of other tools`(example: Example) throws {
        let topology = try TopologyReader.read(example.text, file: "example")
        #expect(topology.nodes.count >= 2 && !topology.links.isEmpty)
    }

    /// Of our own format and labs: what stands alone is read; a part is read beside the nodes and links that
    /// it names.
    @Test(arguments: examples.filter { $0.language == "yaml" })
    func `examples in YAML`(example: Example) throws {
        let keys = Set(
            example.text.split(separator: "\n").compactMap { line in
                line.first?.isLetter == true
                    ? line.split(separator: ":").first.map(String.init) : nil
            }
        )
        var text = example.text
        if keys.contains("topology") {
            let topology = try TopologyReader.read(text, file: "lab.yaml")
            #expect(topology.links.contains { $0.bandwidthBitsPerSecond != nil })
            return
        }
        if !keys.contains("nodes") {
            text += "nodes: [oslo, bergen, tromso, stavanger, london, paris, a, b, c, d, e, f, g]\n"
            let chain = [
                "tromso", "stavanger", "london", "paris", "a", "b", "c", "d", "e", "f", "g",
            ]
            if !keys.contains("links") {
                text += "links: [oslo/bergen, bergen/tromso, "
                text += zip(chain, chain.dropFirst()).map { "\($0)/\($1)" }.joined(separator: ", ")
                text += "]\n"
            } else {
                text = text.replacing("links:\n", with: "links:\n  - stavanger/london\n")
                for (a, b) in zip(chain.dropFirst(2), chain.dropFirst(3)) {
                    text = text.replacing("links:\n", with: "links:\n  - \(a)/\(b)\n")
                }
            }
        } else if !keys.contains("links") {
            let nodes = ["oslo", "bergen", "tromso"].filter {
                text.contains("  \($0):") || text.contains("- \($0)") || text.contains("id: \($0)")
            }
            let links = zip(nodes, nodes.dropFirst()).map { "[\($0), \($1)]" }
            text += "links: [\(links.joined(separator: ", "))]\n"
        }
        if keys.contains("segments") {
            text += "trees: {main: {topics: main.}, news: {topics: news.}}\n"
        }
        let topology = try TopologyReader.read(text, file: "example.yaml")
        #expect(!topology.trees.isEmpty)
    }
}
