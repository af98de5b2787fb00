import Routing
import Simulation

/// What relays say to the arbiter.
enum ArbiterMail: Sendable {
    case request(ArbiterRequest, from: Int)
    /// The supervisor learns that a process has ended, or hangs.
    case ended(Int)
    case hangs(Int)
    /// The root's lease has run out.
    case leaseEnded(Int)
    /// A node can be reached again.
    case reachable
}

/// What the arbiter says to a relay.
enum ArbiterNews: Sendable {
    case named(Naming)
    case takenIn(String)
    case takenOut(String)
    case office(Naming?)
}

/// Who decides which relay is root: epoch, root and standbys in service, changed one request after the other.
struct Arbiter {
    private(set) var epoch: UInt64 = 1
    private(set) var root: Int
    private(set) var service: [Int]
    private(set) var roots: [Int]
    private(set) var dead: [Int] = []
    /// A standby that lives was taken out of service: nothing may be left to name when the root dies.
    private(set) var hasErred = false

    init(root: Int, service: [Int]) {
        self.root = root
        self.service = service
        roots = [root]
    }

    mutating func handle(_ mail: ArbiterMail, _ world: LinkWorld) {
        switch mail {
        case .request(let request, let node): handle(request, from: node, world)
        case .ended(let node):
            if !world.hosts[node].isUp { dead.append(node) }
            if service.contains(node) {
                service.removeAll { $0 == node }
                world.tell(root, .takenOut(world.name(node)))
            }
            if node == root { nameNext(world) }
        case .hangs(let node):
            // Before another is named, the old one cannot serve any more.
            guard node == root, world.hosts[node].isStopped else { return }
            world.kill(node)
        case .leaseEnded(let node):
            if node == root { nameNext(world) }
        case .reachable: tellAll(world)
        }
    }

    private mutating func handle(_ request: ArbiterRequest, from node: Int, _ world: LinkWorld) {
        switch request {
        case .takeIn(let name, let epoch):
            guard epoch == self.epoch, node == root, let standby = world.scenario.node(name),
                world.hosts[standby].isUp
            else { return }
            if !service.contains(standby) { service.append(standby) }
            world.tell(node, .takenIn(name))
        case .takeOut(let name, let epoch):
            guard epoch == self.epoch, node == root else { return }
            hasErred =
                hasErred || service.contains { world.name($0) == name && world.hosts[$0].isUp }
            service.removeAll { world.name($0) == name }
            world.tell(node, .takenOut(name))
        case .office(let epoch, let service):
            guard epoch == self.epoch else {
                world.tell(node, .office(nil))
                return world.tell(node, .named(naming(world)))
            }
            self.epoch += 1
            root = node
            roots.append(node)
            self.service = service.compactMap { world.scenario.node($0) }
                .filter { world.hosts[$0].isUp }
            world.tell(node, .office(naming(world)))
            tellAll(world)
        }
    }

    /// The same root again, which has nothing any more.
    mutating func renew() {
        epoch += 1
        dead.removeAll { $0 == root }
    }

    private mutating func nameNext(_ world: LinkWorld) {
        let able = service.filter { world.hosts[$0].isUp && !world.hosts[$0].isStopped }
        let mayBe = world.broken == "namelost" ? world.scenario.standbys : able
        guard
            let next = mayBe.filter({ $0 != root && world.hosts[$0].isUp })
                .randomElement(using: &world.network.generator)
        else { return }
        service.removeAll { $0 == next }
        epoch += 1
        root = next
        roots.append(next)
        tellAll(world)
    }

    private func naming(_ world: LinkWorld) -> Naming {
        Naming(
            root: LinkRoot(node: world.name(root), epoch: epoch),
            service: service.map(world.name),
            dead: dead.map(world.name),
            formerRoots: Set(roots).sorted().filter { $0 != root && world.hosts[$0].isUp }
                .map(world.name)
        )
    }

    private func tellAll(_ world: LinkWorld) {
        guard epoch > 1 else { return }
        for node in Set(roots + world.scenario.standbys).sorted() {
            world.tell(node, .named(naming(world)))
        }
    }
}
