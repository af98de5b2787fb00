import Simulation
import Testing

@testable import Routing

/// Messages that go upstream reach every XPUB of the tree, once, and go nowhere else.
@Suite struct UpstreamReadersTests {
    /// Relays in a tree, each link two connections; what one tells another arrives at once.
    private struct World {
        struct Relay {
            var readers = UpstreamReaders(treeCount: 1)
            var parent: Int?
            var peers: [RelayPeer.ID: RelayPeer] = [:]
            /// The relay at the other end of a connection, and what it calls it.
            var ends: [RelayPeer.ID: (relay: Int, id: RelayPeer.ID)] = [:]
            var xpubs: [RelayPeer.ID] = []
        }

        var relays: [Relay]
        private var nextID: UInt64 = 1
        /// Links that a message crossed to find nobody beyond.
        var wastedCount = 0

        /// By relay: its parent, of a lower number.
        init(parents: [Int?]) {
            relays = parents.map { Relay(parent: $0) }
            for (number, parent) in parents.enumerated() {
                guard let parent else { continue }
                let tree = TreeID(0)
                connect(number, .parentFeed(tree), parent, .childFeed(tree))
                connect(number, .parentUplink(tree), parent, .childUplink(tree))
            }
        }

        private mutating func makeID() -> RelayPeer.ID {
            nextID += 1
            return RelayPeer.ID(nextID)
        }

        private mutating func add(
            _ role: RelayPeer.Role,
            to relay: Int,
            node: String? = nil,
            isXPUB: Bool = false
        )
            -> RelayPeer.ID
        {
            let id = makeID()
            let peer = RelayPeer(role, node: node)
            relays[relay].peers[id] = peer
            relays[relay].readers.handleConnected(id, peer, isXPUB: isXPUB)
            return id
        }

        private mutating func connect(
            _ child: Int,
            _ childRole: RelayPeer.Role,
            _ parent: Int,
            _ parentRole: RelayPeer.Role
        ) {
            let near = add(childRole, to: child)
            let far = add(parentRole, to: parent, node: "relay \(child)")
            relays[child].ends[near] = (parent, far)
            relays[parent].ends[far] = (child, near)
            settle()
        }

        mutating func disconnect(_ id: RelayPeer.ID, of relay: Int) {
            guard let peer = relays[relay].peers.removeValue(forKey: id) else { return }
            relays[relay].readers.handleDisconnected(id, peer)
            if let end = relays[relay].ends.removeValue(forKey: id) {
                disconnect(end.id, of: end.relay)
            }
            settle()
        }

        mutating func addXPUB(to relay: Int) {
            relays[relay].xpubs.append(add(.publisher, to: relay, isXPUB: true))
            settle()
        }

        mutating func removeXPUB(of relay: Int) {
            guard let id = relays[relay].xpubs.popLast() else { return }
            disconnect(id, of: relay)
        }

        /// Until nobody has anything to tell.
        private mutating func settle() {
            var isQuiet = false
            while !isQuiet {
                isQuiet = true
                for number in relays.indices {
                    for news in relays[number].readers.takeNews() {
                        isQuiet = false
                        guard let end = relays[number].ends[news.recipient],
                            let peer = relays[end.relay].peers[end.id]
                        else { continue }
                        relays[end.relay].readers
                            .handleNews(hasReaders: news.hasReaders, from: end.id, peer)
                    }
                }
            }
        }

        /// Every XPUB that a message of a subscriber at that relay reaches, sorted.
        mutating func reach(from start: Int) -> [UInt64] {
            var reached: [UInt64] = []
            var steps = [(start, RelayPeer(.subscriber))]
            while let (relay, origin) = steps.popLast() {
                let recipients = relays[relay].readers.recipients(from: origin, in: TreeID(0))
                if recipients.isEmpty, relay != start { wastedCount += 1 }
                for recipient in recipients {
                    guard let end = relays[relay].ends[recipient] else {
                        reached.append(recipient.rawValue)
                        continue
                    }
                    guard let peer = relays[end.relay].peers[end.id] else { continue }
                    steps.append((end.relay, peer))
                }
            }
            return reached.sorted()
        }

        /// Those that it must reach.
        func expected() -> [UInt64] { relays.flatMap { $0.xpubs.map(\.rawValue) }.sorted() }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `every XPUB is reached once from everywhere, and no link is used for nothing`(seed: UInt64)
    {
        var generator = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...12, using: &generator)
        var world = World(
            parents: (0..<count).map { $0 == 0 ? nil : Int.random(in: 0..<$0, using: &generator) }
        )
        for _ in 0..<60 {
            let relay = Int.random(in: 0..<count, using: &generator)
            if Bool.random(using: &generator) {
                world.addXPUB(to: relay)
            } else {
                world.removeXPUB(of: relay)
            }
            let start = Int.random(in: 0..<count, using: &generator)
            #expect(world.reach(from: start) == world.expected(), "seed \(seed)")
            #expect(world.wastedCount == 0, "seed \(seed)")
        }
    }

    @Test func `a plain PUB is no reader, and what strangers say changes nothing`() {
        var readers = UpstreamReaders(treeCount: 1)
        let publisher = RelayPeer(.publisher)
        readers.handleConnected(RelayPeer.ID(1), publisher, isXPUB: false)
        readers.handleConnected(RelayPeer.ID(2), RelayPeer(.parentUplink(TreeID(0))), isXPUB: true)
        readers.handleNews(hasReaders: true, from: RelayPeer.ID(1), publisher)
        let subscriber = RelayPeer(.subscriber)
        readers.handleConnected(RelayPeer.ID(3), subscriber, isXPUB: false)
        readers.handleNews(hasReaders: true, from: RelayPeer.ID(3), subscriber)
        #expect(readers.takeNews() == [])
        #expect(readers.recipients(from: subscriber, in: TreeID(0)) == [])
    }

    @Test func `a link that breaks takes what it said with it`() {
        var world = World(parents: [nil, 0, 1])
        world.addXPUB(to: 0)
        #expect(world.reach(from: 2) == world.expected())
        let links = world.relays[1].peers.filter { $0.value.role == .parentFeed(TreeID(0)) }
        for id in links.keys { world.disconnect(id, of: 1) }
        #expect(world.reach(from: 2) == [])
        #expect(world.reach(from: 1) == [])
        #expect(world.wastedCount == 0)
    }
}
