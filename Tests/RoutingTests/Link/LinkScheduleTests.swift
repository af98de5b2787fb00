@testable import Routing
import Testing
import Wire

/// Rules whose breach no seed of the simulation shows, since others cover it there: a schedule of one core shows what that does then
/// (tree-link.md, §10).
@Suite struct LinkScheduleTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var rule: LinkRule
        /// Whether the core, which has been told all that is on its way there, keeps the rule in what it says then.
        var isKept: @Sendable (inout LoneLink) -> Bool
        var core: @Sendable () -> LoneLink

        init(
            _ rule: LinkRule,
            core: @escaping @Sendable () -> LoneLink,
            isKept: @escaping @Sendable (inout LoneLink) -> Bool
        ) {
            self.rule = rule
            self.core = core
            self.isKept = isKept
        }

        var testDescription: String { rule.rawValue }
    }

    static let rows: [Row] = [
        // D4: l is ahead; it is sent nothing until a has passed it.
        Row(.nothingTwice, core: { .relay("a") }) { relay in
            relay.hear(.origin(index: 0, OriginID(node: "p", incarnation: 9)))
            relay.welcome("l", on: 1, LoneLink.after(5))
            relay.hearBatch(1...6)
            let lines = relay.said()
            return lines.contains("1 < RESUMED 1:5") && lines.contains("1 < 1:6-6")
        },
        // A3: s is fed by r; an orphan of q must go to whoever follows q.
        Row(.orphanOfRoot, core: { .standby() }) { standby in
            standby.welcome("l", on: 1, LoneLink.after(0), .orphan(of: "q"))
            return standby.said() == ["1 < REFUSE"]
        },
        // D8: s, the parent, becomes root: who loses it then is an orphan of a root.
        Row(.parentsOfficeIsKnown, core: { .relay("l", isRoot: false) { $0.backups = ["s"] } }) {
            relay in
            relay.hear(.epoch(LinkRoot(node: "r", epoch: 2), first: 1))
            relay.link.handleLost(ParentLinkID(rawValue: 1), at: LoneLink.at(2))
            relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(2))
            return relay.said().last == "2 > RESUME orphan(of: Optional(\"r\"))"
        },
        // A4: l has come again before its older link is known to be lost.
        Row(.rosterForgetsLastLink, core: rootWithStandby) { root in
            root.welcome("l", on: 2, LoneLink.after(0))
            root.tell(.heard(count: 2), on: 1)
            root.welcome("l", on: 3, LoneLink.after(0))
            root.tell(.heard(count: 3), on: 1)
            root.link.handleFeedLost(ChildFeedID(2), at: LoneLink.at(2))
            return !root.said().contains("1 < ROSTER - l")
        },
        // A4: l comes again while the news that it is gone waits for its place in the stream of s.
        Row(.removalIsFresh, core: rootWithStandby) { root in
            root.welcome("l", on: 2, LoneLink.after(0))
            root.tell(.heard(count: 2), on: 1)
            root.link.handleWritable(ChildFeedID(1), false)
            _ = root.link.publish(messageCount: 2, octetCount: 20, at: LoneLink.at(1))
            _ = root.said()
            root.link.handleFeedLost(ChildFeedID(2), at: LoneLink.at(2))
            root.welcome("l", on: 3, LoneLink.after(2))
            root.link.handleWritable(ChildFeedID(1), true)
            return !root.said().contains("1 < ROSTER - l")
        },
        // A4: l has come to the heir, and is not served.
        Row(.rosterHasHeld, core: { .standby() }) { heir in
            heir.hear(.handOver(epoch: 2))
            heir.welcome("l", on: 1, LoneLink.after(0))
            heir.welcome("r", on: 2, LoneLink.after(0), .orphan(of: nil), isMirror: true)
            return heir.said().contains("2 < ROSTER l r, origins at []")
        },
        // C3: what the root has numbered so far is on its way to s; only behind that s knows everybody.
        Row(.rosterInPlace, core: { .root() }) { root in
            _ = root.link.publish(messageCount: 2, octetCount: 20, at: LoneLink.at(1))
            root.welcome("s", on: 1, .first, isMirror: true)
            root.link.handleWritable(ChildFeedID(1), false)
            return !root.said().contains { $0.contains("ROSTER") }
        },
        // F1: l has answered s, and hears of its candidate afterwards.
        Row(.answerEndsMove, core: { .relay("l", isRoot: false) }) { relay in
            _ = relay.link.move(to: "b", at: LoneLink.at(1))
            relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(1))
            relay.hear(.tailFrom(LinkPosition(epoch: 1, number: 1)))
            relay.hear(
                .resumed(
                    LinkCommand.Resumed(
                        isRoot: true,
                        root: LoneLink.reign,
                        position: LinkPosition(epoch: 1, number: 0)
                    )
                ),
                on: 2
            )
            return relay.link.parent == "r"
        },
        // F3: who asks is of epoch 1, which ended at 0: it needs the number 1 of epoch 2.
        Row(.tailFromEndOfEpoch, core: { .relay("a") }) { relay in
            relay.hear(.origin(index: 0, OriginID(node: "a", incarnation: 9)))
            relay.hear(.epoch(LinkRoot(node: "s", epoch: 2), first: 1))
            relay.hearBatch(1...1, epoch: 2)
            relay.link.handleLost(ParentLinkID(rawValue: 1), at: LoneLink.at(2))
            relay.link.handleOpened(ParentLinkID(rawValue: 2), at: LoneLink.at(2))
            relay.hear(.tailFrom(LinkPosition(epoch: 1, number: 2)), on: 2)
            return relay.said().contains("2 > 2:1-1")
        },
    ]

    /// r, and its standby s, which knows all there is.
    @Sendable private static func rootWithStandby() -> LoneLink {
        var root = LoneLink.root { $0.service = ["s"] }
        root.welcome("s", on: 1, .first, isMirror: true)
        root.tell(.holds(LinkPosition(epoch: 1, number: 0)), on: 1)
        _ = root.said()
        root.tell(.heard(count: 1), on: 1)
        return root
    }

    @Test(arguments: rows)
    func `a core that breaks the rule says what it must not`(row: Row) {
        var core = row.core()
        #expect(row.isKept(&core))
        #if DEBUG
        var broken = row.core()
        broken.link.state.rules.broken = row.rule
        #expect(!row.isKept(&broken))
        #endif
    }
}
