import ArgumentParser
import Glibc
import RouterNode

struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Start relays of a running fleet anew, one after the other.",
        discussion: """
            Each relay sends on what it has taken, ends, and is started again by its 'xylem up', from the program that is there by \
            then: an upgrade. The next one follows when it is back in all of its trees. Where links are numbered the other relays lose \
            nothing meanwhile; subscribers and publishers of the relay itself connect anew.

            With --rolling it is all of them, leaves first and the roots last.
            """
    )

    @Argument(help: "Ids or names of nodes.")
    var nodes: [String] = []
    @Flag(help: "Restart every node.")
    var rolling = false
    @Option(
        help: ArgumentHelp(
            "The state file of the fleet, as 'xylem up' prints it.",
            valueName: "file"
        )
    )
    var state: String?
    @Option(
        help: ArgumentHelp("How long one relay may take to be back.", valueName: "duration")
    )
    var timeout = DurationArgument(milliseconds: 60_000)
    @Option(help: "text: a line for each relay; json: one object per line.")
    var format = OutputFormat.text

    func validate() throws {
        guard rolling == nodes.isEmpty else {
            throw ValidationError("name the nodes to restart, or say --rolling for all of them")
        }
    }

    func run() async throws {
        let (file, fleet) = try FleetStateFile.running(state: state, topologyFile: nil)
        var ids: [String] = []
        for name in nodes {
            let id = try fleet.node(named: name).id
            if !ids.contains(id) { ids.append(id) }
        }
        // Parents start first, so they are last to go.
        if rolling {
            let running = Set(fleet.nodes.filter { $0.pid != nil }.map(\.id))
            ids = fleet.startingOrder.reversed().filter(running.contains)
        }
        for (number, id) in ids.enumerated() {
            let seconds = try await restart(id, in: file)
            let restarted = Restarted(node: id, seconds: seconds)
            switch format {
            case .text:
                Output.write(
                    "\(number + 1) of \(ids.count): \(Figures.name(id, restarted.label(in: fleet))) is back after \(Figures.seconds(seconds))"
                )
            case .json: Output.writeJSON(restarted)
            }
        }
    }

    /// Gives how many seconds it took.
    private func restart(_ id: String, in file: FleetStateFile) async throws -> Double {
        let start = ContinuousClock.now
        guard let old = try file.read()?.node(named: id).pid else {
            throw CommandError.failure("\(id) does not run: 'xylem status' says more")
        }
        let before = await status(of: id, in: file)
        let followed = await followedTrees(file)
        kill(pid_t(old), SIGTERM)
        while true {
            try await Task.sleep(for: Self.interval)
            if let pid = try file.read()?.node(named: id).pid, pid != old,
                let now = await status(of: id, in: file), isBack(now, before),
                await followedTrees(file).isSuperset(of: followed)
            {
                return (ContinuousClock.now - start) / .seconds(1)
            }
            guard ContinuousClock.now - start < timeout.duration else {
                throw CommandError.failure(
                    "\(id) is not back after \(Figures.seconds(timeout.milliseconds / 1_000)); the others were not touched; "
                        + "'xylem status' and the log of 'xylem up' say more"
                )
            }
        }
    }

    private func status(of id: String, in file: FleetStateFile) async -> NodeStatus? {
        guard let node = try? file.read()?.node(named: id) else { return nil }
        return try? await ControlClient.status(at: node.control)
    }

    /// Whether it has its parents, and has links where it had them.
    private func isBack(_ now: NodeStatus, _ before: NodeStatus?) -> Bool {
        now.trees.allSatisfy(\.isConnected)
            && now.trees.filter { $0.link != nil }.count
                >= before?.trees.filter { $0.link != nil }.count ?? 0
    }

    /// The trees whose root can be followed: the next relay to go may be that.
    private func followedTrees(_ file: FleetStateFile) async -> Set<String> {
        guard let fleet = try? file.read() else { return [] }
        let statuses = await FleetPoll(fleet).report().nodes.compactMap(\.status)
        return Set(
            statuses.flatMap(\.trees).filter { $0.link?.standbys.isEmpty == false }.map(\.name)
        )
    }

    private static let interval = Duration.milliseconds(50)
}

/// A relay that is back.
struct Restarted: Codable, Equatable, Sendable {
    var node: String
    var seconds: Double

    func label(in fleet: FleetState) -> String {
        fleet.nodes.first { $0.id == node }?.label ?? node
    }
}
