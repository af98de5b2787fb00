@testable import Routing
import Simulation
import Wire

/// A simulated tree: production cores over the seeded network, under virtual time.
final class LinkWorld {
    let scenario: Scenario
    /// The rule that is broken in it; a name of the model's.
    let broken: String?
    var network: SimulatedNetwork<LinkPacket, LinkAlarm>
    private(set) var hosts: [LinkHost] = []
    var arbiter: Arbiter
    private let arbiterNode: NodeID
    private var nodes: [NodeID] = []
    /// What is wrong, as soon as it is.
    var violations: [String] = []
    /// What each publisher has sent, with the acknowledged of those who died.
    var published: [Int: [LinkMessage]] = [:]
    var safe: [Int: Int] = [:]
    /// What the roots have numbered.
    var numbered: [UInt64: LinkMessage] = [:]
    var cutOff: [Int] = []
    private(set) var eventCount = 0
    var trace: [String]?
    var nextFeed: UInt64 = 1
    /// Everything is published, and everything happens, within these times, in milliseconds.
    private let publishingTime: Int
    private let accidentTime: Int

    init(_ scenario: Scenario, seed: UInt64, breaking broken: String? = nil) {
        self.scenario = scenario
        self.broken = broken
        var options = NetworkOptions(seed: seed)
        options.connectionDelays = [
            .microseconds(10) ... .microseconds(200), .milliseconds(1) ... .milliseconds(10),
            .milliseconds(1) ... .milliseconds(60), .milliseconds(30) ... .milliseconds(300),
        ]
        // Each run has a pace of its own: accidents between two messages, or long after them.
        var pace = SeededGenerator(seed: ~seed)
        if Bool.random(using: &pace) {
            options.connectionDelays.append(.milliseconds(100) ... .milliseconds(1_200))
        }
        let detection = [20, 300, 1_200].randomElement(using: &pace) ?? 300
        options.lossDetection = .zero ... .milliseconds(detection)
        publishingTime = [50, 250, 1_500, 3_000].randomElement(using: &pace) ?? 250
        accidentTime = [50, 250, 1_500, 3_000].randomElement(using: &pace) ?? 250
        network = SimulatedNetwork(options)
        arbiter = Arbiter(root: 0, service: scenario.standbys)
        arbiterNode = network.addNode()
        for number in scenario.names.indices {
            let node = network.addNode()
            nodes.append(node)
            hosts.append(LinkHost(number, node, self))
        }
    }

    func name(_ node: Int) -> String { scenario.names[node] }

    func number(of node: NodeID) -> Int? { nodes.firstIndex(of: node) }

    func node(_ number: Int) -> NodeID { nodes[number] }

    func note(_ line: @autoclosure () -> String) {
        guard trace != nil else { return }
        trace?.append("\(Double(network.now.nanoseconds / 1_000) / 1_000) ms: " + line())
    }

    func violate(_ text: String) {
        violations.append(text)
        note("VIOLATION " + text)
    }

    // MARK: - Running

    /// All attach; then everything is published and happens; then everything comes to rest.
    func run() {
        for host in hosts { host.start() }
        runUntil(network.now + .seconds(30))
        for host in hosts where !host.link.isAttached {
            violate("\(host.name) did not attach at the start")
        }
        guard violations.isEmpty else { return }
        schedule()
        runUntil(network.now + .seconds(120))
    }

    private func schedule() {
        for host in hosts { host.isSlow = scenario.isLazy }
        for (number, bursts) in scenario.bursts.sorted(by: { $0.key < $1.key }) {
            let isAtOnce = Bool.random(using: &network.generator)
            let times = bursts.map { _ in
                isAtOnce
                    ? 0 : Int.random(in: 0...publishingTime, using: &network.generator)
            }.sorted()
            for (burst, time) in zip(bursts, times) {
                network.setAlarm(.publish(burst), of: nodes[number], after: .milliseconds(time))
            }
        }
        for accident in scenario.accidents {
            let time = Int.random(in: 0...accidentTime, using: &network.generator)
            network.setAlarm(.accident(accident), of: arbiterNode, after: .milliseconds(time))
        }
    }

    private func runUntil(_ end: Instant) {
        while let time = network.nextTime, time < end, violations.isEmpty {
            guard let event = network.nextEvent() else { break }
            eventCount += 1
            handle(event)
            if eventCount > 300_000 { violate("no end in sight") }
        }
    }

    private func handle(_ event: NetworkEvent<LinkPacket, LinkAlarm>) {
        if event.node == arbiterNode {
            guard case .alarm(let alarm, _) = event else { return }
            switch alarm {
            case .accident(let accident), .retry(let accident): happen(accident)
            case .toArbiter(let mail):
                note("arbiter: \(mail)")
                arbiter.handle(mail, self)
            default: break
            }
            return
        }
        guard let number = number(of: event.node) else { return }
        hosts[number].handle(event)
    }

    // MARK: - The arbiter's mail

    func ask(_ request: ArbiterRequest, from node: Int) {
        guard !isCutFromArbiter(node) else { return }
        mail(.request(request, from: node), after: .milliseconds(1))
    }

    func mail(_ mail: ArbiterMail, after wait: Duration) {
        network.setAlarm(.toArbiter(mail), of: arbiterNode, after: wait)
    }

    func tell(_ node: Int, _ news: ArbiterNews) {
        guard !isCutFromArbiter(node) else { return }
        network.setAlarm(.fromArbiter(news), of: nodes[node], after: .milliseconds(1))
    }

    /// Of a partition, the side of the present root has no arbiter when its lease runs out for it.
    private func isCutFromArbiter(_ node: Int) -> Bool { cutOff.contains(node) }

    // MARK: - Accidents

    private func later(
        _ accident: Accident,
        _ milliseconds: Int,
        until end: Instant = Instant(nanoseconds: .max)
    ) {
        guard network.now < end else { return }
        network.setAlarm(.retry(accident), of: arbiterNode, after: .milliseconds(milliseconds))
    }

    func kill(_ number: Int) {
        guard hosts[number].isUp else { return }
        note("\(name(number)) is killed")
        safe[number] = Int(hosts[number].releasedThrough)
        hosts[number].isUp = false
        hosts[number].isStopped = false
        network.crash(
            nodes[number],
            lossProbability: [0, 0.5, 1].randomElement(using: &network.generator) ?? 0
        )
        mail(.ended(number), after: random(milliseconds: 1...100))
    }

    func random(milliseconds: ClosedRange<Int>) -> Duration {
        .milliseconds(Int.random(in: milliseconds, using: &network.generator))
    }

    private func happen(_ accident: Accident) {
        note("accident: \(accident)")
        switch accident {
        case .kill(let nodes):
            if let node = nodes.randomElement(using: &network.generator) { kill(node) }
        case .restart(let nodes):
            // A root is not started again as one: another is named.
            let able = nodes.filter { hosts[$0].isUp && $0 != arbiter.root }
            guard let node = able.randomElement(using: &network.generator) else { return }
            kill(node)
            network.restart(self.nodes[node])
            hosts[node] = LinkHost(node, self.nodes[node], self, restarted: true)
            hosts[node].start()
        case .restartRoot: restartRoot()
        case .stop(let nodes):
            if let node = nodes.randomElement(using: &network.generator) { stop(node) }
        case .breakLink(let child):
            if !hosts[child].breakLink(), network.now < Self.accidentsEnd { later(accident, 20) }
        case .move(let child, let parent): move(child, to: parent, accident)
        case .fence:
            guard hosts[0].isUp, hosts[0].link.isRoot else { return }
            hosts[0].fence()
            mail(.leaseEnded(0), after: random(milliseconds: 1...200))
        case .cut(let nodes): cut(nodes)
        case .handOver:
            let heir = name(scenario.standbys[0])
            if hosts[0].isUp, hosts[0].link.isRoot, !hosts[0].handOver(to: heir) {
                later(accident, 50)
            }
        case .takeOut(let standby):
            let request = ArbiterRequest.takeOut(name(standby), epoch: arbiter.epoch)
            ask(request, from: arbiter.root)
        case .late(let node, let topic): hosts[node].addLateSubscriber(topic)
        case .cancel(let node): hosts[node].removeSubscriber()
        case .awaitHealing: break
        case .inTurn(let accidents): happenInTurn(accidents)
        }
    }

    private func restartRoot() {
        guard hosts[0].isUp else {
            network.restart(nodes[0])
            arbiter.renew()
            hosts[0] = LinkHost(0, nodes[0], self, restarted: true)
            return hosts[0].start()
        }
        kill(0)
        later(.restartRoot, Int.random(in: 1...500, using: &network.generator))
    }

    private func happenInTurn(_ accidents: [Accident]) {
        guard let first = accidents.first else { return }
        if case .awaitHealing = first, !isHealed {
            // A tree that does not heal has no further accidents; the verdict is about that.
            return later(.inTurn(accidents), 20, until: Self.healingEnd)
        }
        happen(first)
        let rest = Array(accidents.dropFirst())
        later(.inTurn(rest), Int.random(in: 0...accidentTime, using: &network.generator))
    }

    private func move(_ child: Int, to parent: Int, _ accident: Accident) {
        guard hosts[child].isUp, hosts[parent].isUp else { return }
        guard !hosts[child].move(to: name(parent)), hosts[child].link.parent != name(parent) else {
            return
        }
        if network.now < Self.accidentsEnd { later(accident, 20) }
    }

    /// One living root, and everybody else is fed by a living relay of its epoch.
    var isWhole: Bool {
        let living = hosts.filter(\.isUp)
        let roots = living.filter(\.link.isRoot)
        guard roots.count == 1, !roots[0].isStopped else { return false }
        return living.allSatisfy { host in
            guard host.link.isAttached, !host.isStopped,
                host.link.position.epoch == roots[0].link.position.epoch
            else { return false }
            guard let parent = host.link.parent else { return host.link.isRoot }
            return living.contains { $0.name == parent }
        }
    }

    /// The tree is whole, and nobody waits for anything: what happens next is a first accident again.
    private var isHealed: Bool {
        guard isWhole else { return false }
        return hosts.allSatisfy { host in
            guard host.isUp else { return arbiter.dead.contains(host.number) }
            let state = host.link.state
            let waits =
                state.candidate != nil || !state.requests.isEmpty || !state.office.joining.isEmpty
                || !state.office.absent.isEmpty
                || state.children.contains { $0.standing != .live || $0.isCandidate }
            return !waits
        }
    }

    private static let healingEnd = Instant(nanoseconds: 90_000_000_000)
    private static let accidentsEnd = Instant(nanoseconds: 60_000_000_000)

    private func stop(_ number: Int) {
        guard hosts[number].isUp, !hosts[number].isStopped else { return }
        note("\(name(number)) stops")
        hosts[number].isStopped = true
        for (connection, other) in hosts[number].connections() {
            network.setAlarm(
                .silent(connection.rawValue),
                of: nodes[other],
                after: .milliseconds(600)
            )
        }
        mail(.hangs(number), after: .milliseconds(700))
        network.setAlarm(.wake, of: nodes[number], after: random(milliseconds: 100...5_000))
    }

    private func cut(_ group: [Int]) {
        if cutOff.isEmpty {
            let others = scenario.names.indices.filter { !group.contains($0) }
            for one in group { for other in others { network.cut(nodes[one], nodes[other]) } }
            cutOff = group
            if group.contains(0), hosts[0].isUp, hosts[0].link.isRoot {
                network.setAlarm(
                    .retry(.fence),
                    of: arbiterNode,
                    after: random(milliseconds: 1...300)
                )
            }
            later(.cut(group), Int.random(in: 400...1_500, using: &network.generator))
        } else {
            let others = scenario.names.indices.filter { !group.contains($0) }
            for one in group { for other in others { network.heal(nodes[one], nodes[other]) } }
            cutOff = []
            mail(.reachable, after: .milliseconds(1))
        }
    }
}
