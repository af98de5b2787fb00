import Routing
import RouterNode
import SocketTestSupport
import Synchronization
import ZeroMQ

/// Relays of one tree whose links are numbered, and who decides on its root.
final class LinkedLab: Sendable {
    private struct State {
        var relays: [String: Relay] = [:]
        var arbiter: TreeArbiter
        var started = Set<String>()
    }

    /// In the order of their ranks; the first is the root.
    let names: [String]
    private let lab: RelayLab
    private let parents: [String: String]
    private let places: [String: RelayConfiguration.Parent]
    private let standbys: [String]
    private let state: Mutex<State>

    /// `parents`: each relay but the first, with its parent; parents come first.
    init(
        _ lab: RelayLab,
        root: String,
        _ parents: [(String, parent: String)],
        standbys: [String] = []
    ) {
        self.lab = lab
        names = [root] + parents.map(\.0)
        self.parents = Dictionary(uniqueKeysWithValues: parents.map { ($0.0, $0.parent) })
        self.standbys = standbys
        places = Dictionary(
            uniqueKeysWithValues: names.map {
                (
                    $0,
                    .init(
                        name: $0,
                        publishersEndpoint: RelayLab.freeAddress(),
                        subscribersEndpoint: RelayLab.freeAddress()
                    )
                )
            }
        )
        state = Mutex(State(arbiter: TreeArbiter(root: root, standbys: standbys, epoch: 1_000)))
    }

    subscript(name: String) -> Relay {
        guard let relay = state.withLock({ $0.relays[name] }) else {
            preconditionFailure("\(name) does not run")
        }
        return relay
    }

    /// Starts all of them, and waits until they are attached.
    func start(configure: (inout RelayConfiguration) -> Void = { _ in }) async throws {
        for name in names { try await start(name, configure: configure) }
        for name in names { try await awaitAttached(name) }
    }

    func start(
        _ name: String,
        configure: (inout RelayConfiguration) -> Void = { _ in }
    ) async throws {
        guard let place = places[name], let rank = names.firstIndex(of: name) else { return }
        let parent = parents[name].flatMap { places[$0] }
        var seat = RelayConfiguration.Seat(tree: "t", rank: rank, parent: parent)
        let (reign, isFirst) = state.withLock { state in
            state.arbiter.handleStarted(name)
            return (state.arbiter.reign, state.started.insert(name).inserted)
        }
        tell()
        var link = TreeLinkSettings(root: reign)
        link.backups = names[..<rank].filter { $0 != parent?.name }.reversed()
        link.standbys = standbys
        link.relays = names.compactMap { places[$0] }
        if reign.node == name, !isFirst {
            link.predecessorsChildren = names.filter { parents[$0] == name }
        }
        seat.link = link
        let relay = try await lab.start(
            name,
            [seat],
            at: (place.publishersEndpoint, place.subscribersEndpoint),
            configure: configure
        )
        relay.arbiter.set { [weak self] _, request in self?.ask(request, name) }
        state.withLock { $0.relays[name] = relay }
    }

    /// Ends a relay as a supervisor sees it.
    func end(_ name: String) async {
        let relay = state.withLock { $0.relays.removeValue(forKey: name) }
        await relay?.stop()
        state.withLock { $0.arbiter.handleEnded(name) }
        tell()
    }

    private func ask(_ request: ArbiterRequest, _ name: String) {
        state.withLock { $0.arbiter.handle(request, from: name) }
        tell()
    }

    private func tell() {
        while let directive = state.withLock({ $0.arbiter.nextDirective() }) {
            guard case .tell(let name, let news) = directive else { continue }
            state.withLock { $0.relays[name] }?.arbiter.handle(news, of: "t")
        }
    }

    // MARK: - What is known of them

    func link(_ name: String) async -> NodeStatus.Link? { await self[name].status().trees[0].link }

    func awaitAttached(_ name: String) async throws {
        try await eventually("\(name)'s attachment") {
            await self[name].status().trees[0].isConnected
        }
    }

    /// Waits until the arbiter may name so many.
    func awaitService(_ count: Int) async throws {
        try await eventually("\(count) standbys in service") {
            self.state.withLock { $0.arbiter.service.count } == count
        }
    }

    var root: String? { state.withLock { $0.arbiter.root } }
}
