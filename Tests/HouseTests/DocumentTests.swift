import Testing

@Suite struct DocumentTests {
    @Test func `relative links lead somewhere`() throws {
        for document in try Repository.textFiles() where document.path.hasSuffix(".md") {
            for target in Self.relativeLinks(in: document.text) {
                let path = Self.resolve(target, from: document.path)
                #expect(
                    path.map(Repository.exists) == true,
                    "\(document.path): nothing is at \(target)"
                )
            }
        }
    }

    @Test func `links are found and resolved`() {
        let text = "[a](one.md), [b](../two.md#part), [c](https://x.org/), [d](#here), ![e](p.svg)"
        #expect(Self.relativeLinks(in: text) == ["one.md", "../two.md", "p.svg"])
        #expect(Self.resolve("one.md", from: "docs/index.md") == "docs/one.md")
        #expect(Self.resolve("../README.md", from: "docs/index.md") == "README.md")
        #expect(Self.resolve("../../outside.md", from: "docs/index.md") == nil)
    }

    /// Targets of inline links without their anchors; links with a scheme or only an anchor are
    /// not ours to follow.
    private static func relativeLinks(in markdown: String) -> [String] {
        markdown.matches(of: /\]\((?<target>[^)\s#]+)(?:#[^)]*)?\)/)
            .map { String($0.target) }
            .filter { !$0.contains(":") }
    }

    /// The target's path from the package root, `nil` when it leaves the repository.
    private static func resolve(_ target: String, from document: String) -> String? {
        var folders = document.split(separator: "/").dropLast()
        for step in target.split(separator: "/") where step != "." {
            if step == ".." {
                guard folders.popLast() != nil else { return nil }
            } else {
                folders.append(step)
            }
        }
        return folders.joined(separator: "/")
    }
}
