import TreeBuilder

/// Receivers of which nothing is captured: whether that is their fault, or that of the captures.
extension VerdictExplanation {
    /// It has a tap, and what was sent to it is not there.
    mutating func explainSilence(_ receiver: Verdict.Receiver) {
        guard receiver.lostCount > 0 else {
            return add(
                .doubt,
                "not-observed",
                "the capture of \(receiver.name) has nothing from \(receiver.parent ?? "its parent"), "
                    + "and nothing was sent to it long enough before its end to tell why"
            )
        }
        add(
            .failure,
            "nothing-arrived",
            "nothing from \(receiver.parent ?? "its parent") arrived at \(receiver.name), although "
                + "it was sent while its capture was running"
        )
    }

    /// A node of the plan of which the captures show nothing: that is no proof that there was nothing.
    mutating func explainAbsence(_ receiver: Verdict.Receiver, _ target: VerdictTarget) {
        guard let parent = target.parent.map({ targets[$0] }) else {
            return add(
                .doubt,
                "not-observed",
                "no capture shows messages at the root \(receiver.name)"
            )
        }
        if target.hasPresence {
            return add(
                .doubt,
                "not-observed",
                "a connection of \(receiver.name) with \(parent.name) is there, but it began before "
                    + "the capture and carried no messages; what was subscribed to is not known"
            )
        }
        let connections = placement.connections[parent.name] ?? ServerConnections()
        if connections.unidentifiedCount > 0 {
            let which =
                connections.unidentifiedCount == 1
                ? "the connection" : "one of \(connections.unidentifiedCount) connections"
            return add(
                .doubt,
                "unidentified",
                "whether \(which) with \(parent.name) is that of \(receiver.name) is not known: a node "
                    + "says its name when it connects, which was before the capture began, or in secret; "
                    + Self.remedy
            )
        }
        if target.tap != nil {
            return add(
                .doubt,
                "not-observed",
                "the capture of \(receiver.name) has no stream or connection from \(parent.name), and "
                    + "no capture shows that anything was sent to it; capture at \(parent.name), too"
            )
        }
        if isWatched(connections, parent), !isIslander(target) {
            return add(
                .failure,
                "not-connected",
                "\(receiver.name) was not connected to \(parent.name): the captures show "
                    + "what \(parent.name) sends, and nothing of it to \(receiver.name)"
            )
        }
        add(
            .doubt,
            "not-observed",
            connections.midstreamCount > 0
                ? "no connection of \(receiver.name) with \(parent.name) is in the captures, which began "
                    + "after those of others: it may be open and silent; \(Self.remedy)"
                : "no capture shows what \(receiver.name) gets; capture at it or at \(parent.name)"
        )
    }

    /// Whether it gets what it gets by multicast, which captures of TCP do not show.
    private func isIslander(_ target: VerdictTarget) -> Bool {
        let tree = target.tree.flatMap { basis.map?.plan.trees[$0] }
        return tree?.islands.contains { $0.members.contains(target.name) } ?? false
    }

    /// Whether captures would show a connection at a node if there were one: they have all of its connections from their
    /// start, and went on for longer than a link is ever silent.
    private func isWatched(_ connections: ServerConnections, _ parent: VerdictTarget) -> Bool {
        guard connections.midstreamCount == 0, let first = connections.first else { return false }
        let isParentSeen = placement.tracks.contains { view in
            view.origins.contains { $0 >= 0 && targets[$0] === parent }
                && (view.tap == nil || view.tap == parent.tap)
        }
        let end = basis.captures(on: first.clock).compactMap(\.lastNanoseconds).max()
        return isParentSeen
            && end.map { $0 &- first.nanoseconds > Self.silenceNanoseconds } ?? false
    }

    /// Relays say something at least every two seconds, and give each other up after six.
    private static let silenceNanoseconds: Int64 = 10_000_000_000
}
