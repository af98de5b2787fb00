import Vocabulary
import Foundation
import Testing

@Suite struct OverflowPolicyTests {
    @Test(arguments: [
        ("drop-newest", OverflowPolicy.dropNewest),
        ("drop-oldest", .dropOldest),
        ("disconnect", .disconnect),
        ("block", .block),
    ])
    func `every policy has a word`(word: String, policy: OverflowPolicy) throws {
        #expect(try OverflowPolicy(word: word) == policy)
    }

    @Test(arguments: ["", "drop", "Block", "drop_newest"])
    func `another word is refused with the list of words`(word: String) {
        let error = #expect(throws: OverflowPolicy.UnknownWord.self) {
            try OverflowPolicy(word: word)
        }
        #expect(
            error?.description == "'\(word)' is not an overflow policy; "
                + "use one of 'drop-newest', 'drop-oldest', 'disconnect', 'block'"
        )
    }

    @Test func `a file with another word is refused with the list of words`() throws {
        let decoder = JSONDecoder()
        #expect(
            try decoder.decode([OverflowPolicy].self, from: Data(#"["block"]"#.utf8)) == [.block]
        )
        let error = #expect(throws: DecodingError.self) {
            try decoder.decode([OverflowPolicy].self, from: Data(#"["sometimes"]"#.utf8))
        }
        guard case .dataCorrupted(let context)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(context.debugDescription.contains("use one of 'drop-newest'"))
    }
}
