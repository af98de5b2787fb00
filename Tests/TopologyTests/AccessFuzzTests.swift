import Testing
import Vocabulary

@testable import Topology

/// Damaged access lists: a reader gives a list, or says in which line there is none.
@Suite struct AccessFuzzTests {
    private static let words = [
        "rules:", "default: ", "publish: ", "subscribe: ", "key: ", "user: ", "address: ",
        "relay: ", "all", "none", "yes", "[a., b.]", "10.0.0.0/8", "10.0.0.0/99", "::/0", "\"\"",
        "- ", "{", "}", "[", "]", ": ", "\n", "\n  ", "&a ", "*a", "!!int ", "|\n", "~", "'", "\"",
        "# ", "---\n", "\u{0}", "é",
    ]

    private static let seeds = [
        """
        rules:
          - {key: "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7", publish: [weather.], subscribe: all}
          - {user: ann, subscribe: [weather., news.]}
          - {address: 10.0.0.0/8, user: [bob, eve], publish: news.}
          - {address: 10.9.0.7, relay: yes}
        default: {subscribe: public.}
        """,
        """
        rules:
          - address: ["10.0.0.0/8", "fe80::/10", 127.0.0.1]
            publish: none
            subscribe: ["", "all"]
          - user: "*"
            relay: no
        """,
        "default: {publish: all, subscribe: all}\n",
        "rules: []\n",
    ]

    @Test(arguments: seeds) func `damaged lists`(text: String) {
        for round in 0..<FuzzTests.roundCount {
            var random = SplitMix64(state: round)
            var bytes = Array(text.utf8)
            for _ in 0...(round % 6) {
                FuzzTests.damage(&bytes, words: Self.words, random: &random)
            }
            // As the file's octets come in: what is no UTF-8 is told before.
            let damaged = String(decoding: bytes, as: UTF8.self)
            do throws(TopologyError) {
                let list = try AccessListReader.read(damaged, file: "access.yaml")
                Self.check(list, round)
            } catch {
                #expect(error.file == "access.yaml" && !error.message.isEmpty)
                #expect(error.others.count < Mistakes.countMax)
                // An empty file has no line.
                #expect(
                    error.position != nil || error.message.contains("empty"),
                    "\(round): \(error)"
                )
                FuzzTests.checkPosition(of: error, in: Array(damaged.utf8), seed: round)
            }
        }
    }

    /// No rule of an accepted list is for everybody: that is `default`'s.
    private static func check(_ list: AccessList, _ round: UInt64) {
        for rule in list.rules {
            #expect(
                !rule.keys.isEmpty || !rule.users.isEmpty || !rule.addresses.isEmpty,
                "round \(round): \(rule)"
            )
            #expect(rule.keys.allSatisfy { $0.utf8.count == 40 })
        }
        let nobody = AccessList.Peer()
        #expect(list.permission(of: nobody) == list.otherwise)
    }
}
