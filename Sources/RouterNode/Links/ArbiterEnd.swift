import NIOCore
public import Routing

/// A relay's end of the line to who decides which relays are the roots of trees.
public struct ArbiterEnd: Sendable {
    private let relay: Relay

    init(_ relay: Relay) {
        self.relay = relay
    }

    /// Says whom to ask. What is answered comes by `handle`.
    public func set(_ ask: @escaping @Sendable (_ tree: String, ArbiterRequest) -> Void) {
        relay.home.execute { relay.links.arbiter = ask }
    }

    /// The arbiter has said something of a tree; ignored where the tree has no link here.
    public func handle(_ news: ArbiterNews, of tree: String) {
        relay.home.execute {
            guard let id = relay.instance.interest.tree(named: tree), let link = relay.links[id]
            else { return }
            switch news {
            case .named(let naming): link.core.handleNamed(naming, at: .now)
            case .takenIn(let node): link.core.handleTakenIn(node, at: .now)
            case .takenOut(let node): link.core.handleTakenOut(node, at: .now)
            case .office(let naming): link.core.handleOffice(naming, at: .now)
            case .dead(let node): link.core.handleDead(node, at: .now)
            }
            link.executeAndFlush()
        }
    }

    /// Calls `body` from the relay's home loop: not before it has done what it was busy with.
    public func whenAlive(_ body: @escaping @Sendable () -> Void) {
        relay.home.execute(body)
    }
}
