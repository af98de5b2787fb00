/// Keeps the state file true while nodes come and go.
actor FleetStateKeeper {
    private var state: FleetState
    private let file: FleetStateFile
    /// During the start the file is written once, not once per node.
    private var isSettled = false

    init(_ state: FleetState, file: FleetStateFile) {
        self.state = state
        self.file = file
    }

    func handle(_ event: Supervisor.Event) {
        switch event {
        case .ready(let ready): setPID(ready.pid, of: ready.name)
        case .ended(let node, _, _), .gaveUp(let node, _, _): setPID(nil, of: node)
        case .logged: break
        }
    }

    /// The state after the start, written.
    func settled() -> FleetState {
        isSettled = true
        write()
        return state
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
