package import Vocabulary
import Yams

/// Reads a file that is one access list: what stands under `access` in a topology file.
package enum AccessListReader {
    /// - Throws: `TopologyError` for what is no such list, with all that is wrong with it.
    package static func read(_ text: String, file: String) throws(TopologyError) -> AccessList {
        let source = try SourceText(Array(text.utf8), file: file)
        guard let root = try YAMLReader.root(of: source) else {
            throw TopologyError(file: file, message: "the file is empty; it needs rules")
        }
        var decoder = YAMLDecoder(file: file)
        let list = AccessFields.list(of: root, as: "an access list", &decoder)
        try decoder.mistakes.check()
        return list
    }
}
