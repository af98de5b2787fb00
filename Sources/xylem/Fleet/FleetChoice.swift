import Foundation

/// Which fleets a person may mean, and where their nodes are: the fleets that `xylem up` runs here, or one that was started
/// by hand, wherever, whose plan is at hand.
struct FleetChoice {
    /// A fleet, and how to name it on the command line.
    struct Candidate {
        var option: String
        var state: FleetState
    }

    var candidates: [Candidate]

    init(candidates: [Candidate]) {
        self.candidates = candidates
    }

    /// The fleet of a state file or of a plan, else every fleet that runs here.
    init(state: String?, plan: String?) throws(CommandError) {
        if let plan {
            candidates = [Candidate(option: "--plan \(plan)", state: try .ofPlan(plan))]
        } else if let state {
            let running = try FleetStateFile.running(state: state, topologyFile: nil)
            candidates = [Candidate(option: "--state \(state)", state: running.state)]
        } else {
            candidates = []
            for file in FleetStateFile.allRunning(in: FleetStateFile.defaultDirectory) {
                guard let state = try? file.read() else { continue }
                candidates.append(Candidate(option: "--state \(file.path)", state: state))
            }
        }
    }

    /// The node that a person means, with its fleet: in whichever fleet has one of that name, if it is the only one.
    func node(
        named name: String
    ) throws(CommandError) -> (node: FleetState.Node, fleet: FleetState) {
        let holders = candidates.filter { $0.state.hasNode(named: name) }
        if let only = holders.first, holders.count == 1 {
            return (try only.state.node(named: name), only.state)
        }
        guard holders.isEmpty else {
            throw .badInput(
                "\(holders.count) running fleets have a node '\(name)'; say which:"
                    + Self.list(holders)
            )
        }
        switch candidates.count {
        case 0:
            throw .failure(
                "no fleet is running here; start one with 'xylem up FILE', or say --state FILE or --plan FILE"
            )
        case 1: return (try candidates[0].state.node(named: name), candidates[0].state)
        default:
            throw .badInput(
                "none of the \(candidates.count) running fleets has a node '\(name)':"
                    + candidates.map { "\n  '\($0.state.name)': \($0.state.knownNodes)" }.joined()
            )
        }
    }

    static func list(_ candidates: [Candidate]) -> String {
        candidates.map { "\n  \($0.option)   for '\($0.state.name)'" }.joined()
    }
}

extension FleetState {
    /// What a plan says of a fleet: nobody here supervises it.
    static func ofPlan(_ file: String) throws(CommandError) -> FleetState {
        let plan = try PlanSource.planOrTopology(file)
        let path = URL(filePath: file).standardizedFileURL.path
        return FleetState(
            resolved: plan,
            topologyFile: path,
            planFile: path,
            supervisorPID: 0,
            startedAt: 0
        )
    }

    /// Whether a name means a node, or several.
    func hasNode(named name: String) -> Bool {
        nodes.contains { $0.id == name || $0.label == name }
    }
}
