import Routing
import Testing

/// Who decides on a tree's root (tree-link.md, C1 to C3).
@Suite struct TreeArbiterTests {
    /// r over s and t, its standbys, and a.
    private func started() -> TreeArbiter {
        var arbiter = TreeArbiter(root: "r", standbys: ["s", "t"], epoch: 100)
        for node in ["r", "s", "t", "a"] { arbiter.handleStarted(node) }
        return arbiter
    }

    private func inService(_ nodes: String...) -> TreeArbiter {
        var arbiter = started()
        for node in nodes { arbiter.handle(.takeIn(node, epoch: 100), from: "r") }
        _ = directives(&arbiter)
        return arbiter
    }

    private func directives(_ arbiter: inout TreeArbiter) -> [ArbiterDirective] {
        var all: [ArbiterDirective] = []
        while let directive = arbiter.nextDirective() { all.append(directive) }
        return all
    }

    @Test func `a root that dies is followed by the first standby in service, in a higher epoch`() {
        var arbiter = inService("t", "s")
        arbiter.handleEnded("r")
        #expect(arbiter.reign == LinkRoot(node: "s", epoch: 101))
        #expect(arbiter.service == ["t"])
        let naming = Naming(root: LinkRoot(node: "s", epoch: 101), service: ["t"], dead: ["r"])
        #expect(directives(&arbiter) == [.tell("s", .named(naming)), .tell("t", .named(naming))])
    }

    @Test func `C3: only who is in service is named`() {
        var arbiter = inService("t")
        arbiter.handleEnded("r")
        #expect(arbiter.root == "t")
        var nobody = inService()
        nobody.handleEnded("r")
        #expect(nobody.root == nil)
        #expect(directives(&nobody).isEmpty)
        // Whoever of those that may reign comes back first does.
        nobody.handleStarted("a")
        #expect(nobody.root == nil)
        nobody.handleStarted("r")
        #expect(nobody.reign == LinkRoot(node: "r", epoch: 101))
    }

    @Test func `C2: a root that hangs is ended first, and named is nobody until it is`() {
        var arbiter = inService("s")
        arbiter.handleHangs("s")
        #expect(directives(&arbiter).isEmpty, "who needs a standby notices itself")
        arbiter.handleHangs("r")
        arbiter.handleHangs("r")
        #expect(directives(&arbiter) == [.kill("r")])
        #expect(arbiter.root == "r")
        arbiter.handleEnded("r")
        #expect(arbiter.root == "s")
    }

    @Test func `a request of an older epoch, or of no root, changes nothing`() {
        var arbiter = inService("s")
        arbiter.handle(.takeIn("t", epoch: 99), from: "r")
        arbiter.handle(.takeIn("t", epoch: 100), from: "a")
        arbiter.handle(.takeOut("s", epoch: 100), from: "t")
        #expect(arbiter.service == ["s"])
        #expect(directives(&arbiter).isEmpty)
        arbiter.handle(.office(after: 99, service: []), from: "s")
        #expect(arbiter.root == "r")
        let naming = Naming(root: LinkRoot(node: "r", epoch: 100), service: ["s"])
        #expect(
            directives(&arbiter) == [.tell("s", .office(nil)), .tell("s", .named(naming))]
        )
    }

    @Test func `an heir that asks for the office has it, with the old root as its standby`() {
        var arbiter = inService("s")
        arbiter.handle(.office(after: 100, service: ["r"]), from: "s")
        #expect(arbiter.reign == LinkRoot(node: "s", epoch: 101))
        #expect(arbiter.service == ["r"])
        let naming = Naming(
            root: LinkRoot(node: "s", epoch: 101),
            service: ["r"],
            formerRoots: ["r"]
        )
        #expect(directives(&arbiter).first == .tell("s", .office(naming)))
        // The old one asks, too late, whether it may go on (H4).
        arbiter.handle(.office(after: 100, service: []), from: "r")
        #expect(arbiter.root == "s")
    }

    @Test func `a standby that ends is out of service at once, and others are told of the dead`() {
        var arbiter = inService("s", "t")
        arbiter.handleEnded("s")
        arbiter.handleEnded("a")
        #expect(
            directives(&arbiter) == [
                .tell("r", .takenOut("s")), .tell("r", .dead("s")), .tell("r", .dead("a")),
            ]
        )
        arbiter.handle(.takeIn("s", epoch: 100), from: "r")
        #expect(arbiter.service == ["t"], "it does not run")
    }
}
