/// Which trees of a relay have their messages go through a tree link.
public struct LinkedTrees: Sendable {
    private var flags: [Bool]

    init(_ seats: [TreeSeat]) {
        flags = seats.map(\.isLinked)
    }

    public func contains(_ tree: TreeID) -> Bool { flags[tree.rawValue] }

    var isEmpty: Bool { !flags.contains(true) }

    /// Whether that is a change.
    mutating func remove(_ tree: TreeID) -> Bool {
        defer { flags[tree.rawValue] = false }
        return flags[tree.rawValue]
    }

    /// What the links' cores are to be told of changes of interest.
    func news(of changes: Announcements) -> [RelayDirective] {
        flags.indices.map { TreeID($0) }
            .filter { contains($0) && changes.hasChanges(in: $0, to: .parent) }
            .map { .tellLink($0, Announcement(changes, to: .parent, in: $0, recipients: [])) }
    }

    /// What a relay opens when it starts: a link's core finds its parent itself.
    func openings(of setup: RelaySetup) -> [RelayDirective] {
        setup.seats.indices.flatMap { number in
            setup.openings(of: TreeID(number)).filter { !flags[number] || !$0.isConnect }
        }
    }
}

extension RelayDirective {
    /// Whether it is for a plain connection to a parent.
    var isConnect: Bool {
        if case .connect = self { true } else { false }
    }
}
