import Logging
import NIOCore
import Routing

/// The watches of one relay: one for each parent, and one for each peer that it dials.
struct DialWatches {
    /// By tree.
    private var parents: [DialWatch?] = []
    private var dialled: [DialWatch] = []
    private var hasFeed: [Bool] = []

    init() {}

    init(_ configuration: RelayConfiguration, home: any EventLoop, logger: Logger) {
        parents = configuration.seats.map { seat in
            seat.parent.map { parent in
                DialWatch(
                    "the parent '\(parent.name)' of tree '\(seat.tree)'",
                    partCount: seat.feed == nil ? 2 : 1,
                    home: home,
                    logger: logger
                )
            }
        }
        hasFeed = configuration.seats.map { $0.feed == nil }
        dialled = configuration.dialled.map { peer in
            let tree = peer.tree.map { " of tree '\(configuration.seats[$0.rawValue].tree)'" } ?? ""
            let kind = peer.side == .publishers ? "publisher" : "subscriber"
            return DialWatch("the \(kind) \(peer.endpoint)\(tree)", home: home, logger: logger)
        }
    }

    /// The watch of a parent's connection. A feed that replaces a silent group is not waited for: the uplink tells enough.
    subscript(connection: ParentConnection) -> WatchedDial? {
        guard let watch = parents[connection.tree.rawValue] else { return nil }
        if case .feed(let tree) = connection, hasFeed[tree.rawValue] {
            return WatchedDial(watch: watch, part: 1)
        }
        return WatchedDial(watch: watch)
    }

    subscript(number: Int) -> WatchedDial { WatchedDial(watch: dialled[number]) }

    /// Why a tree has no parent; `nil` when it has one, or needs none.
    func problem(of tree: TreeID) -> String? { parents[tree.rawValue]?.problem }
}

extension DialWatches {
    /// The watch of a connection that the relay has made; `nil` for one that it has accepted.
    func dial(of kind: RelayPort.Kind) -> WatchedDial? {
        switch kind {
        case .publishers, .subscribers: nil
        case .parent(let parent): self[parent]
        case .dialled(_, let number): self[number]
        }
    }
}
