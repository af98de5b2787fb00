@testable import Routing
import Simulation
import Wire

/// A relay of the simulated tree: the production core, and the messages that it names.
final class LinkHost {
    enum End {
        case parentFeed(ParentLinkID)
        case parentUplink(ParentLinkID)
        case childFeed(ChildFeedID)
        case childUplink(ChildUplinkID)
    }

    struct Dialled {
        var feed: ConnectionID
        var uplink: ConnectionID
        var openCount = 0
    }

    enum Kept {
        case command(LinkCommand)
        case batch(BatchHeader, [LinkMessage])
    }

    let number: Int
    let node: NodeID
    unowned let world: LinkWorld
    var link: TreeLink
    var isUp = true
    var isStopped = false
    var isSlow = false
    private var asleep: [NetworkEvent<LinkPacket, LinkAlarm>] = []
    /// Looked up; iterated only when sorted.
    var ends: [ConnectionID: End] = [:]
    var dialled: [ParentLinkID: Dialled] = [:]
    var feeds: [ChildFeedID: ConnectionID] = [:]
    var uplinks: [ChildUplinkID: ConnectionID] = [:]
    private var alarmAt: Instant?

    // MARK: Messages

    var ring: [UInt64: LinkMessage] = [:]
    var own: [UInt64: LinkMessage] = [:]
    var kept: [ParentLinkID: [Kept]] = [:]
    var tails: [TailID: [UInt64: LinkMessage]] = [:]
    /// What each child subscribes to.
    var interests: [ChildFeedID: Set<[UInt8]>] = [:]
    var releasedThrough: UInt64 = 0
    var nextSequence = 1

    // MARK: Subscribers

    var first: PlainSubscriber
    var late: PlainSubscriber?
    var setBackCount = 0
    var reports: [LinkReport] = []
    var demanded = Set<[UInt8]>()

    init(_ number: Int, _ node: NodeID, _ world: LinkWorld, restarted: Bool = false) {
        self.number = number
        self.node = node
        self.world = world
        let scenario = world.scenario
        let name = { (node: Int) in scenario.names[node] }
        let root = LinkRoot(node: name(0), epoch: 1)
        var setup = LinkSetup(
            node: name(number),
            incarnation: world.network.generator.next(),
            parent: scenario.parents[number].map(name),
            root: restarted
                ? LinkRoot(node: name(world.arbiter.root), epoch: world.arbiter.epoch) : root
        )
        setup.backups = scenario.backups[number].map(name)
        setup.standbys = scenario.standbys.map(name)
        if number == 0 { setup.service = setup.standbys }
        if restarted, scenario.standbys.isEmpty, number == 0 {
            setup.predecessorsChildren = scenario.parents.indices
                .filter { scenario.parents[$0] == 0 }.map(name)
        }
        setup.options = scenario.options
        if scenario.timersErr {
            setup.options.collectionTimeMax = world.random(milliseconds: 1...400)
        }
        link = TreeLink(setup)
        #if DEBUG
        link.state.rules.broken = world.broken.flatMap(LinkRule.init)
        #endif
        first = PlainSubscriber(topics: scenario.wants[number])
    }

    var name: String { world.name(number) }

    func start() {
        for topic in first.topics { link.handleWanted(topic, at: world.network.now) }
        link.handleStart(at: world.network.now)
        execute()
    }

    /// Both ends of what it is connected with: the connection, and who is at the other end.
    func connections() -> [(ConnectionID, Int)] {
        ends.keys.sorted { $0.rawValue < $1.rawValue }.compactMap { id in
            world.hosts.first { $0.number != number && $0.ends[id] != nil }.map { (id, $0.number) }
        }
    }

    // MARK: - Events

    func handle(_ event: NetworkEvent<LinkPacket, LinkAlarm>) {
        guard isUp else { return }
        if case .alarm(.wake, _) = event {
            isStopped = false
            let waiting = asleep
            asleep = []
            world.note("\(name) wakes")
            for event in waiting { handle(event) }
            return
        }
        guard !isStopped else {
            asleep.append(event)
            return
        }
        switch event {
        case .opened(let id, _): handleOpened(id)
        case .received(let packet, let id, _): handle(packet, on: id)
        case .closed(let id, _), .failed(let id, _): handleLost(id)
        case .alarm(let alarm, _): handle(alarm)
        }
        execute()
    }

    private func handle(_ alarm: LinkAlarm) {
        switch alarm {
        case .deadline:
            alarmAt = nil
            if let deadline = link.deadline, deadline <= world.network.now {
                link.handleTimeout(at: world.network.now)
            }
        case .writable(let feed): link.handleWritable(ChildFeedID(feed), true)
        case .silent(let raw):
            let id = ConnectionID(raw)
            guard ends[id] != nil,
                world.hosts.contains(where: { $0.isStopped && $0.ends[id] != nil })
            else { return }
            world.network.close(id, at: node)
            handleLost(id)
        case .publish(let topics): publish(topics)
        case .fromArbiter(let news): handle(news)
        default: break
        }
    }

    private func handle(_ news: ArbiterNews) {
        let now = world.network.now
        world.note("\(name) hears \(news)")
        switch news {
        case .named(let naming): link.handleNamed(naming, at: now)
        case .takenIn(let node): link.handleTakenIn(node, at: now)
        case .takenOut(let node): link.handleTakenOut(node, at: now)
        case .office(let naming): link.handleOffice(naming, at: now)
        }
    }

    private func publish(_ topics: [[UInt8]]) {
        var messages: [LinkMessage] = []
        for topic in topics {
            let isWanted = demanded.contains { topic.starts(with: $0) }
            if world.scenario.checksDemand, !isWanted {
                for host in world.hosts where host.isUp && host.first.wants(topic) {
                    world.violate(
                        "\(name) filters \(topic) at its source, but \(host.name) wants it"
                    )
                }
                continue
            }
            messages.append(
                LinkMessage(publisher: number, sequence: nextSequence, topic: topic)
            )
            nextSequence += 1
        }
        guard !messages.isEmpty,
            let sequences = link.publish(
                messageCount: messages.count,
                octetCount: messages.count * 20,
                at: world.network.now
            )
        else { return }
        world.published[number, default: []] += messages
        for (sequence, message) in zip(sequences, messages) { own[sequence] = message }
    }

    // MARK: - What happens to it

    func fence() {
        link.handleFenced(at: world.network.now)
        execute()
    }

    func handOver(to heir: String) -> Bool {
        let isDone = link.handOver(to: heir, at: world.network.now)
        execute()
        return isDone
    }

    func move(to parent: String) -> Bool {
        let isDone = link.move(to: parent, at: world.network.now)
        execute()
        return isDone
    }

    /// Breaks the link to its parent; `false` when the tree is healing from something else, and that is to come first.
    func breakLink() -> Bool {
        guard isUp, let parent = link.state.parent, let connections = dialled[parent.id] else {
            return !isUp
        }
        let isPlanned = world.scenario.parents[number].map(world.name) == parent.node
        guard isPlanned || world.isWhole else { return false }
        world.note("the link of \(name) breaks")
        world.network.fail(connections.feed)
        world.network.fail(connections.uplink)
        return true
    }

    func addLateSubscriber(_ topic: [UInt8]) {
        guard isUp, late == nil else { return }
        late = PlainSubscriber(topics: [topic])
        late?.madeAt = setBackCount
        link.handleWanted(topic, at: world.network.now)
        execute()
    }

    func removeSubscriber() {
        guard isUp else { return }
        first.isGone = true
        for topic in first.topics where late?.topics.contains(topic) != true {
            link.handleUnwanted(topic, at: world.network.now)
        }
        execute()
    }

    // MARK: - Connections

    private func handleOpened(_ id: ConnectionID) {
        guard let end = ends[id] else { return }
        switch end {
        case .parentFeed(let parent), .parentUplink(let parent):
            guard dialled[parent] != nil else { return world.network.close(id, at: node) }
            if case .parentFeed = end {
                world.network.send(.feed(node: number), on: id, from: node)
            } else {
                world.network.send(.uplink(node: number), on: id, from: node)
            }
            dialled[parent]?.openCount += 1
            if dialled[parent]?.openCount == 2 {
                link.handleOpened(parent, at: world.network.now)
            }
        case .childFeed, .childUplink: break
        }
    }

    private func handleLost(_ id: ConnectionID) {
        let now = world.network.now
        guard let end = ends.removeValue(forKey: id) else { return }
        switch end {
        case .parentFeed(let parent), .parentUplink(let parent):
            close(parent)
            world.note("\(name) loses the link \(parent.rawValue) to above")
            link.handleLost(parent, at: now)
        case .childFeed(let feed):
            feeds[feed] = nil
            world.note("\(name) loses the feed \(feed.rawValue)")
            link.handleFeedLost(feed, at: now)
        case .childUplink(let uplink):
            uplinks[uplink] = nil
            link.handleUplinkLost(uplink, at: now)
        }
    }

    func close(_ parent: ParentLinkID) {
        guard let connections = dialled.removeValue(forKey: parent) else { return }
        for id in [connections.feed, connections.uplink] {
            world.network.close(id, at: node)
            ends[id] = nil
        }
    }

    private func handle(_ packet: LinkPacket, on id: ConnectionID) {
        let now = world.network.now
        switch packet {
        case .feed(let child):
            let feed = ChildFeedID(UInt64(id.rawValue))
            ends[id] = .childFeed(feed)
            feeds[feed] = id
            link.handleFeedOpened(feed, node: world.name(child), at: now)
        case .uplink(let child):
            let uplink = ChildUplinkID(UInt64(id.rawValue))
            ends[id] = .childUplink(uplink)
            uplinks[uplink] = id
            link.handleUplinkOpened(uplink, node: world.name(child), at: now)
        case .command(let name, let body): receive(name, body, on: id)
        }
    }

    // MARK: - Time

    func setAlarm() {
        guard let deadline = link.deadline else { return }
        if let alarmAt, alarmAt <= deadline { return }
        alarmAt = deadline
        let wait = max(deadline - world.network.now, .zero)
        world.network.setAlarm(.deadline, of: node, after: wait)
    }
}

/// A plain subscriber of a simulated relay.
struct PlainSubscriber {
    let topics: [[UInt8]]
    var received: [LinkMessage] = []
    /// How often the history had been set back when it subscribed.
    var madeAt = 0
    var isGone = false
    /// Of one that comes late: from which number its topics are in effect.
    var inEffectFrom: UInt64?
    var numbered: [(number: UInt64, message: LinkMessage)] = []

    init(topics: [[UInt8]]) {
        self.topics = topics
    }

    func wants(_ topic: [UInt8]) -> Bool {
        !isGone && topics.contains { topic.starts(with: $0) }
    }
}
