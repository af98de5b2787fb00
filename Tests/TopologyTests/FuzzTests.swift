import Foundation
import Testing

@testable import Topology

/// Damaged files: whatever the bytes, a reader returns a sound topology or says where it is not.
@Suite struct FuzzTests {
    struct Seed: CustomTestStringConvertible {
        let file: String
        let text: String
        /// Words of the format, to get past the first lines of its decoder.
        let words: [String]
        var testDescription: String { file }
    }

    private static let yamlWords = [
        "nodes: ", "links:\n", "trees: ", "defaults: ", "parents: {a: b}", "[", "]", "{", "}", ": ",
        "- ", "\n  ",
        "&a ", "*a", "!!int ", "|\n", "? ", "\"", "'", "~", "5ms", "1e999", "-1", "nan", "é",
        "---\n", "# ",
    ]
    private static let xmlWords = [
        "<node id=\"a\">", "</node>", "<edge source=\"0\" target=\"1\"/>", "<data key=\"la\">",
        "<![CDATA[",
        "]]>", "<!--", "-->", "<!DOCTYPE", "<?", "?>", "&amp;", "&#x41;", "&#", ";", "/>", "\"",
        "<", ">", "=",
    ]
    private static let gmlWords = [
        "node [", "edge [", "]", "[", "id 1 ", "source 1 ", "target 0 ", "\"", "&#", "&amp;",
        "( ", ") ", "NODES (", "LINKS (", "isGroup 1 ", "gid 0 ", "#", "\n",
    ]
    private static let tableWords = [
        "\n", ",", ";", "\t", "\"", "\"\"", "{'weight': ", "}", "(", ")", "[", "]", "|", "#",
        "source,target",
        "4,5", "->", ":", "'", "\\",
    ]
    private static let jsonWords = [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u00", "\\ud83d", "null", "NaN", "1e999", "-1",
        "\"id\": ", "\"source\": ", "\"nodes\": [", "\"edges\": [", "\"data\": {", "true",
        "\"xylem\": \"{\"",
    ]
    private static let dotWords = [
        "graph {", "digraph x {", "subgraph cluster_a {", "}", "{", "[", "]", "=", "--", "->", "\"",
        "+",
        "/*", "*/", "//", "#", "<", ">", ":", ";", "node ", "edge [", "label=", "strict ", "\\",
        "xylem=\"{trees: [{name: a}]}\"",
    ]
    private static let otherWords = [
        "*Vertices 3\n", "*Arcs\n", "*Edgeslist\n", "*Network\n", "*Matrix\n", "1 2\n", "\"", "-1",
        "|",
        "Nodes: ( 9 )\n", "Edges: ( 9 )\n", "<1>", "@X", "endpoints: [\"a:b\", \"c:d\"]\n",
        "labels: {",
        "<node id=\"a\">", "</node>", "<nodes>", "<graph>", "<att>", "</att>",
        "<attvalue for=\"0\"/>",
        "DEMANDS (\n", ")", "#", "\t", "\n",
    ]
    private static let listWords = ["\n", " ", ",", "\t", "#", "1e9", "-3", "a b 5\n", "é", "0"]

    /// Rounds per seed; `XYLEM_FUZZ_ROUNDS` asks for more than a test run has time for.
    static let roundCount =
        ProcessInfo.processInfo.environment["XYLEM_FUZZ_ROUNDS"].flatMap { UInt64($0) } ?? 250

    static let seeds: [Seed] = {
        let samples = SampleTests.files.compactMap { file in
            (try? Repository.sample(file)).map {
                Seed(file: file, text: String(decoding: $0, as: UTF8.self), words: yamlWords)
            }
        }
        let words = [
            "yaml.txt": yamlWords, "graphml.txt": xmlWords, "tools.txt": xmlWords,
            "gml.txt": gmlWords, "edges.txt": listWords, "tables.txt": tableWords,
            "json.txt": jsonWords, "dot.txt": dotWords, "others.txt": otherWords,
        ]
        let golden = [
            ("yaml.txt", 3), ("graphml.txt", 3), ("tools.txt", 4), ("gml.txt", 14),
            ("edges.txt", 3), ("tables.txt", 25), ("json.txt", 20), ("dot.txt", 8),
            ("others.txt", 60),
        ].flatMap { name, count in
            ((try? GoldenFile(name))?.cases ?? []).prefix(count).map { item in
                let words = words[name] ?? yamlWords
                return Seed(file: item.file, text: item.input, words: words)
            }
        }
        return samples + golden
    }()

    @Test(arguments: seeds) func damagedFiles(seed: Seed) throws {
        for round in 0..<Self.roundCount {
            var random = SplitMix64(state: round)
            var bytes = Array(seed.text.utf8)
            for _ in 0...(round % 6) { Self.damage(&bytes, words: seed.words, random: &random) }
            do throws(TopologyError) {
                let topology = try TopologyReader.read(bytes, file: seed.file)
                try topology.validate(file: "\(seed.file), seed \(round), accepted")
                #expect(!topology.trees.isEmpty, "\(seed.file), seed \(round)")
            } catch {
                let description = error.description
                #expect(error.file == seed.file, "seed \(round): \(description)")
                #expect(!error.message.isEmpty && error.others.count < Mistakes.countMax)
                Self.checkPosition(of: error, in: bytes, seed: round)
            }
        }
    }

    /// Random bytes, to every decoder.
    @Test(arguments: TopologyFormat.allCases) func noise(format: TopologyFormat) {
        for round in 0..<Self.roundCount {
            var random = SplitMix64(state: round)
            let count = Int.random(in: 0...400, using: &random)
            let bytes = (0..<count).map { _ in
                UInt8.random(in: round % 2 == 0 ? 0...255 : 32...126, using: &random)
            }
            _ = try? TopologyReader.read(bytes, file: "noise", format: format)
        }
    }

    /// An error points into the file, or just behind it.
    static func checkPosition(of error: TopologyError, in bytes: [UInt8], seed: UInt64) {
        guard let position = error.position else { return }
        // YAML breaks lines at carriage returns and at U+0085, U+2028, U+2029 (their last bytes) too.
        let lineCount = bytes.count { [0x0A, 0x0D, 0x85, 0xA8, 0xA9].contains($0) } + 1
        #expect(
            (1...(lineCount + 1)).contains(position.line)
                && (1...(bytes.count + 2)).contains(position.column),
            "seed \(seed): \(error)"
        )
    }

    static func damage(_ bytes: inout [UInt8], words: [String], random: inout SplitMix64) {
        let at = Int.random(in: 0...bytes.count, using: &random)
        let end = min(bytes.count, at + Int.random(in: 0...30, using: &random))
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes.removeSubrange(at..<end)
        case 1: bytes.insert(contentsOf: Array(bytes[at..<end]), at: bytes.count - at)
        case 2 where at < bytes.count: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 3: bytes.replaceSubrange(at..<end, with: Array(words[at % words.count].utf8))
        case 4: bytes.removeSubrange(at...)
        default: bytes.insert(contentsOf: Array(words[end % words.count].utf8), at: at)
        }
    }
}

/// S. Vigna's generator: the same numbers from the same seed, everywhere.
struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
