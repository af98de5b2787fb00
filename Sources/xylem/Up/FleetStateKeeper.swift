/// Keeps the state file true while nodes come and go.
actor FleetStateKeeper {
    private(set) var state: FleetState
    private let file: FleetStateFile
    /// During the start the file is written once, not once per node.
    private var isSettled = false

    init(_ state: FleetState, file: FleetStateFile) {
        self.state = state
        self.file = file
    }

    func handle(_ event: Supervisor.Event) {
        switch event {
        case .ready(let ready): handle(ready)
        case .ended(let node, _, _), .gaveUp(let node, _, _, _): setPID(nil, of: node)
        case .logged: break
        }
    }

    /// The state after the start, written.
    func settled() -> FleetState {
        isSettled = true
        write()
        return state
    }

    private func handle(_ ready: NodeReady) {
        guard let index = state.nodes.firstIndex(where: { $0.id == ready.name }) else { return }
        // A plan without a control endpoint lets the node choose.
        if state.nodes[index].control.isEmpty { state.nodes[index].control = ready.control ?? "" }
        setPID(ready.pid, of: ready.name)
    }

    private func setPID(_ pid: Int?, of id: String) {
        guard let index = state.nodes.firstIndex(where: { $0.id == id }) else { return }
        state.nodes[index].pid = pid
        if isSettled { write() }
    }

    private func write() {
        do { try file.write(state) } catch { Diagnostics.report(error.message) }
    }
}
