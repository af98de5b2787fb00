import Routing

/// Something that happens to a simulated tree once, at a random time.
indirect enum Accident: Sendable {
    /// One of these is killed.
    case kill([Int])
    /// One of these is stopped, and wakes up later.
    case stop([Int])
    /// Killed, and started again with nothing.
    case restart([Int])
    /// The root of a tree without standbys ends, and is started again some time later.
    case restartRoot
    /// The link of a child to its parent breaks, and both of them live.
    case breakLink(child: Int)
    case move(Int, to: Int)
    /// The root loses its lease.
    case fence
    /// These are cut off from the rest, and from the arbiter when the root is among them; later it heals.
    case cut([Int])
    case handOver
    /// A standby is taken out of service for no reason.
    case takeOut(Int)
    /// A subscriber comes, and the first one leaves.
    case late(Int, [UInt8])
    case cancel(Int)
    /// Nothing, until the tree is whole and waits for nobody.
    case awaitHealing
    /// One after the other, each some time after the one before it has happened.
    case inTurn([Accident])
}

/// A small tree, and what happens to it.
struct Scenario: Sendable {
    var name: String
    var names: [String]
    /// By relay; relay 0 is the root.
    var parents: [Int?]
    var backups: [[Int]]
    /// Topics of each relay's plain subscriber.
    var wants: [[[UInt8]]]
    /// What each relay's publisher sends: bursts of topics.
    var bursts: [Int: [[[UInt8]]]]
    var standbys = [1]
    var accidents: [Accident] = []
    var clients: [Int] = []
    /// New roots wait for nobody, and give up numbers at once: relays may be set back.
    var timersErr = false
    /// Nobody may be set back.
    var isStrict = true
    /// A new root gives up nobody that lives.
    var mayGiveUp = true
    /// Connections take no more now and then, so that children have different cursors.
    var isLazy = false
    /// Publishers send only what is asked for.
    var checksDemand = false
    /// A tree may be left without a root, when it died and nobody was in service.
    var mayEnd = false
    var options = LinkOptions()

    init(
        _ name: String,
        _ names: String,
        parents: [Int?],
        backups: [[Int]],
        wants: [String],
        bursts: [Int: [String]]
    ) {
        self.name = name
        self.names = names.map(String.init)
        self.parents = parents
        self.backups = backups
        self.wants = wants.map { $0.map { Array(String($0).utf8) } }
        self.bursts = bursts.mapValues { $0.map { $0.map { Array(String($0).utf8) } } }
        options.collectionTimeMax = .seconds(30)
        options.fillTimeMax = .seconds(60)
        options.holdTimeMax = .seconds(8)
        options.orphanHoldTimeMax = .seconds(8)
        options.lingerTime = .seconds(30)
        options.demandSettlingTime = .seconds(8)
        options.ringTimeMax = .seconds(100_000)
        options.reportInterval = .milliseconds(5)
        // What the tests of STATUS are for.
        options.statusInterval = .seconds(100_000)
    }

    func with(_ change: (inout Scenario) -> Void) -> Scenario {
        var copy = self
        change(&copy)
        return copy
    }

    /// As it is, and children are fed one batch at a time.
    var lazily: Scenario {
        with {
            $0.name += "_lazy"
            $0.isLazy = true
            $0.options.batchNumberCountMax = 1
        }
    }

    /// As it is, and everybody who publishes does so again and again, the root too.
    var busily: Scenario {
        with {
            $0.name += "_busy"
            let burst = [Array("x".utf8)]
            $0.bursts = $0.bursts.mapValues { Array(repeating: $0, count: 4).flatMap(\.self) }
            if $0.bursts[0] == nil { $0.bursts[0] = Array(repeating: burst, count: 4) }
        }
    }

    /// As it is, and a new root may give up nodes and numbers that live: relays are set back.
    var erring: Scenario {
        with {
            $0.name += "_err"
            $0.timersErr = true
            $0.isStrict = false
            // A second that is too short is one that is over too soon.
            $0.mayGiveUp = true
        }
    }

    func node(_ name: String) -> Int? { names.firstIndex(of: name) }
}
