import RouterNode

/// Asks the nodes of a fleet for their status.
struct FleetPoll: Sendable {
    struct Target: Equatable, Sendable {
        var id: String
        var label: String
        /// `host:port`.
        var control: String
        /// Whether nothing is known but the address, so that the node itself says its name.
        var isNameless = false
    }

    var name: String
    var targets: [Target]
    /// What the nodes follow, if that is known.
    private var planID: String?

    init(name: String, targets: [Target]) {
        self.name = name
        self.targets = targets
    }

    init(_ state: FleetState) {
        name = state.name
        planID = state.planID
        targets = state.nodes.map { Target(id: $0.id, label: $0.label, control: $0.control) }
    }

    /// Every node's answer, in the targets' order.
    func report() async -> FleetReport {
        var reports: [NodeReport?] = Array(repeating: nil, count: targets.count)
        await withTaskGroup(of: (Int, NodeReport).self) { group in
            for (index, target) in targets.enumerated() {
                if index >= Self.requestCountMax, let (index, report) = await group.next() {
                    reports[index] = report
                }
                group.addTask { (index, await ask(target)) }
            }
            for await (index, report) in group { reports[index] = report }
        }
        return FleetReport(name: name, nodes: reports.compactMap { $0 })
    }

    private func ask(_ target: Target) async -> NodeReport {
        var report = NodeReport(
            id: target.id,
            label: target.label,
            control: target.control,
            isReachable: false
        )
        guard !target.control.isEmpty else {
            report.problem = "the plan gives it no control endpoint"
            return report
        }
        do {
            let status = try await ControlClient.status(at: target.control)
            if let problem = strangeness(of: status, at: target) {
                report.problem = problem
                return report
            }
            report.status = status
            report.isReachable = true
            if target.isNameless, let name = report.status?.name { report.id = name }
        } catch {
            report.problem = error.message
        }
        return report
    }

    /// Why who answers is not the node that was asked; `nil` when it is, for all that is known.
    private func strangeness(of status: NodeStatus, at target: Target) -> String? {
        guard let planID, let other = status.plan, other.id != planID else { return nil }
        return "a node of another fleet answers at \(target.control), "
            + "\(status.name) of \(other.text): two fleets have the same ports"
    }

    /// So many nodes are asked at a time.
    private static let requestCountMax = 16
}
