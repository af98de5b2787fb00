@testable import Routing
import Wire

/// One core by itself: what it is told, and what it says, as text.
struct LoneLink {
    var link: TreeLink
    static let reign = LinkRoot(node: "r", epoch: 1)

    static func at(_ milliseconds: Int64) -> Instant {
        Instant(nanoseconds: milliseconds * 1_000_000)
    }

    static func root(_ change: (inout LinkSetup) -> Void = { _ in }) -> LoneLink {
        var setup = LinkSetup(node: "r", incarnation: 1, parent: nil, root: reign)
        change(&setup)
        return LoneLink(link: TreeLink(setup))
    }

    /// The standby s below r, through number 0, which has told its root that it is there.
    static func standby(_ change: (inout LinkSetup) -> Void = { _ in }) -> LoneLink {
        relay("s") {
            $0.standbys = ["s"]
            change(&$0)
        }
    }

    /// A relay below r, which has resumed behind this number.
    static func relay(
        _ node: String,
        after number: UInt64 = 0,
        isRoot: Bool = true,
        _ change: (inout LinkSetup) -> Void = { _ in }
    ) -> LoneLink {
        var setup = LinkSetup(node: node, incarnation: 2, parent: "r", root: reign)
        change(&setup)
        var lone = LoneLink(link: TreeLink(setup))
        lone.link.handleStart(at: at(0))
        _ = lone.said()
        lone.link.handleOpened(ParentLinkID(rawValue: 1), at: at(0))
        lone.hear(
            .resumed(
                LinkCommand.Resumed(
                    isRoot: isRoot,
                    root: reign,
                    position: LinkPosition(epoch: 1, number: number)
                )
            )
        )
        _ = lone.said()
        return lone
    }

    // MARK: - What it is told

    /// From above, on the feed of this number.
    mutating func hear(_ command: LinkCommand, on id: UInt64 = 1) {
        _ = link.handle(command, from: ParentLinkID(rawValue: id), at: Self.at(1))
    }

    /// A batch of these numbers, all of one origin of the sender, whose sequence is as long as the numbers.
    @discardableResult mutating func hearBatch(
        _ numbers: LinkNumbers,
        epoch: UInt64 = 1,
        sequence: UInt64? = nil,
        on id: UInt64 = 1
    ) -> BatchFate {
        let count = numbers.upperBound - numbers.lowerBound + 1
        let header = BatchHeader(
            .live,
            epoch: epoch,
            numbers: numbers,
            origins: [
                OriginRange(index: 0, first: sequence ?? numbers.lowerBound, count: count)
            ],
            contained: [numbers]
        )
        return link.handle(
            header,
            messageCount: Int(count),
            octetCount: 10 * Int(count),
            from: ParentLinkID(rawValue: id),
            at: Self.at(1)
        )
    }

    /// A child comes on this feed.
    mutating func welcome(
        _ node: String,
        on feed: UInt64,
        _ start: ResumeStart,
        _ kind: ResumeKind = .child,
        isMirror: Bool = false
    ) {
        link.handleFeedOpened(ChildFeedID(feed), node: node, at: Self.at(1))
        var resume = LinkCommand.Resume(start, kind)
        resume.isMirror = isMirror
        tell(.resume(resume), on: feed)
    }

    static func after(_ number: UInt64, epoch: UInt64 = 1) -> ResumeStart {
        .after(LinkPosition(epoch: epoch, number: number))
    }

    /// From below, on this feed.
    mutating func tell(_ command: LinkCommand, on feed: UInt64) {
        link.handle(command, from: ChildFeedID(feed), at: Self.at(1))
    }

    /// A tail from below that holds nothing: the whole of it.
    mutating func tellNothing(on feed: UInt64, epoch: UInt64 = 1, naming children: [String] = []) {
        tell(
            .tail(LinkCommand.Tail(epoch: epoch, ends: [], after: 0, children: children)),
            on: feed
        )
        guard children.isEmpty else { return }
        let end = BatchHeader(.tail, epoch: epoch, numbers: nil, origins: [])
        _ = link.handle(end, messageCount: 0, from: ChildFeedID(feed), at: Self.at(1))
    }

    mutating func parcel(_ sequences: LinkNumbers, on uplink: UInt64) -> ParcelFate {
        let count = sequences.upperBound - sequences.lowerBound + 1
        return link.handle(
            ParcelHeader(origin: 0, first: sequences.lowerBound, count: count, acknowledged: 0),
            messageCount: Int(count),
            octetCount: 10,
            from: ChildUplinkID(uplink),
            at: Self.at(1)
        )
    }

    mutating func openUplink(_ id: UInt64, of origin: OriginID) {
        link.handleUplinkOpened(ChildUplinkID(id), node: origin.node, at: Self.at(1))
        _ = link.handle(.origin(index: 0, origin), from: ChildUplinkID(id), at: Self.at(1))
    }

    // MARK: - What it says

    /// Directives, as lines.
    mutating func said() -> [String] {
        var lines: [String] = []
        while let directive = link.nextDirective() { lines += Self.lines(directive) }
        return lines
    }

    private static func lines(_ directive: LinkDirective) -> [String] {
        switch directive {
        case .sendDown(let command, let feed): ["\(feed.rawValue) < \(text(command))"]
        case .sendUp(let command, let parent): ["\(parent.rawValue) > \(text(command))"]
        case .feed(let feed, let header): ["\(feed.rawValue) < \(text(header))"]
        case .sendTail(let parent, let header): ["\(parent.rawValue) > \(text(header))"]
        case .forgetKept(let parent, let position):
            ["forget what \(parent.rawValue) sent through \(position)"]
        case .takeKept(let parent): ["take what \(parent.rawValue) sent"]
        case .ask(let request): ["ask \(request)"]
        case .report(.fault(let fault)): ["fault \(fault)"]
        case .report(.becameRoot(let epoch)): ["root of \(epoch)"]
        case .dial(let parent, let node): ["dial \(node) as \(parent.rawValue)"]
        default: []
        }
    }

    private static func text(_ header: BatchHeader) -> String {
        header.numbers.map { "\(header.epoch):\($0.lowerBound)-\($0.upperBound)" } ?? "the end"
    }

    private static func text(_ command: LinkCommand) -> String {
        switch command {
        case .resumed(let resumed): "RESUMED \(resumed.position)"
        case .tail(let tail): "TAIL \(tail.children.joined(separator: " "))"
        case .tailFrom(let position):
            position.number == .max ? "TAIL-FROM nothing" : "TAIL-FROM \(position)"
        case .sync(_, let first, let topics): "SYNC \(topics.count) from \(first)"
        case .resume(let resume): "RESUME \(resume.kind)"
        case .rosterAdd(let node): "ROSTER + \(node)"
        case .rosterRemove(let node): "ROSTER - \(node)"
        case .roster(let nodes, let origins):
            "ROSTER \(nodes.joined(separator: " ")), origins at \(origins.map(\.sequence))"
        case .epoch(let root, let first): "EPOCH \(root.epoch) from \(first)"
        default: command.name
        }
    }
}
